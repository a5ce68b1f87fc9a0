#include "gateway/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>
#include <stdexcept>
#include <utility>

#include "gateway/net/revocation.h"

namespace cpis::net {

namespace {

constexpr std::string_view session_context = "cpis-gateway";
constexpr long session_cache_entries = 20'000;
constexpr long session_lifetime_s = 3'600;
// Forward secrecy and authenticated encryption only; for TLS 1.2 (1.3 has no others).
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* tls12_older_ciphers = "HIGH:!aNULL:!MD5";

struct FreeX509 {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
struct FreeNames {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};
struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

Error tls_error(const std::string& what) {
  std::array<char, 160> text{};
  const unsigned long code = ERR_peek_last_error();
  if (code != 0) ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  return {ErrorKind::bad_input, code == 0 ? what : what + ": " + text.data()};
}

Status use_key_pair(SSL_CTX* context, const std::string& certificate_file,
                    const std::string& key_file) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return tls_error("cannot use the certificate in " + certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return tls_error("cannot use the key in " + key_file);
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return tls_error("the key does not belong to the certificate: " + key_file);
  }
  return done;
}

Status ask_for_clients(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.client_certificate == ClientCertificate::none) return done;
  const char* const file = settings.client_ca_file.c_str();
  if (SSL_CTX_load_verify_locations(context, file, nullptr) != 1) {
    return tls_error("cannot use the client authorities in " + settings.client_ca_file);
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file));
  if (!settings.revocation_file.empty()) {
    const Status looked_up = refuse_revoked(context, settings.revocation_file);
    if (!looked_up) return looked_up;
  }
  int mode = SSL_VERIFY_PEER;
  if (settings.client_certificate == ClientCertificate::required) {
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_CTX_set_verify(context, mode, nullptr);
  return done;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const TlsSettings& settings) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) return tls_error("cannot set up TLS");
  SSL_CTX_set_min_proto_version(context.get(),
                                settings.tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (SSL_CTX_set_cipher_list(context.get(), tls12_ciphers) != 1) {
    return tls_error("cannot choose the TLS ciphers");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(context.get(), session_cache_entries);
  SSL_CTX_set_timeout(context.get(), session_lifetime_s);
  SSL_CTX_set_session_id_context(context.get(),
                                 reinterpret_cast<const unsigned char*>(session_context.data()),
                                 static_cast<unsigned>(session_context.size()));
  const Status used = use_key_pair(context.get(), settings.certificate_file, settings.key_file);
  if (!used) return used.error();
  if (const Status asked = ask_for_clients(context.get(), settings); !asked) return asked.error();
  return context;
}

// RFC 6066, 3. OpenSSL's macro for this has a cast that our warnings refuse.
bool send_host_name(SSL* ssl, const std::string& host) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1;
}

std::string subject_of(X509* certificate) {
  const std::unique_ptr<BIO, FreeBio> out{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string{text, static_cast<std::size_t>(size)} : std::string{};
}

std::string text_of(const ASN1_IA5STRING* name) {
  const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name));
  return {bytes, static_cast<std::size_t>(ASN1_STRING_length(name))};
}

void read_names(X509* certificate, TlsIdentity& identity) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  if (!names) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) identity.dns_names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_URI) {
      identity.uri_names.push_back(text_of(name->d.uniformResourceIdentifier));
    }
  }
}

std::string fingerprint_of(X509* certificate) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), hash.data(), &size) != 1) return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[hash[i] >> 4U];
    text += digits[hash[i] & 15U];
  }
  return text;
}

}  // namespace

void TlsStream::Free::operator()(SSL* ssl) const noexcept { SSL_free(ssl); }

IoResult TlsStream::outcome(int returned, bool ended_is_clean) const {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {IoState::wait_read};
    case SSL_ERROR_WANT_WRITE:
      return {IoState::wait_write};
    case SSL_ERROR_ZERO_RETURN:
      return {ended_is_clean ? IoState::ended : IoState::failed};
    default:
      return {IoState::failed};
  }
}

IoState TlsStream::shake_hands() {
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  if (returned == 1) return IoState::moved;
  const IoState state = outcome(returned, false).state;
  broken_ = state == IoState::failed;
  return state;
}

IoResult TlsStream::read(char* into, std::size_t room) {
  // A record carries 16 KiB at most: take as many as are here, so that one turn serves them all.
  std::size_t total = 0;
  while (total < room) {
    ERR_clear_error();
    const int wanted = static_cast<int>(std::min<std::size_t>(room - total, INT_MAX));
    const int got = SSL_read(ssl_.get(), into + total, wanted);
    if (got > 0) {
      total += static_cast<std::size_t>(got);
      continue;
    }
    if (total > 0) break;  // the next read meets the same end again
    const IoResult result = outcome(got, true);
    broken_ = result.state == IoState::failed;
    return result;
  }
  return {IoState::moved, total};
}

IoResult TlsStream::write(std::string_view bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    ERR_clear_error();
    const int wanted = static_cast<int>(std::min<std::size_t>(bytes.size() - total, INT_MAX));
    const int sent = SSL_write(ssl_.get(), bytes.data() + total, wanted);
    if (sent > 0) {
      total += static_cast<std::size_t>(sent);
      continue;
    }
    const IoResult result = outcome(sent, false);
    broken_ = result.state == IoState::failed;
    return {total > 0 && !broken_ ? IoState::moved : result.state, total};
  }
  return {IoState::moved, total};
}

std::size_t TlsStream::buffered() const {
  return SSL_has_pending(ssl_.get()) == 1
             ? std::max<std::size_t>(1, static_cast<std::size_t>(SSL_pending(ssl_.get())))
             : 0;
}

void TlsStream::end() {
  if (broken_) return;
  ERR_clear_error();
  // The peer's own farewell is not awaited: the linger time discards it.
  [[maybe_unused]] const int returned = SSL_shutdown(ssl_.get());
}

std::optional<TlsIdentity> TlsStream::identity() const {
  const std::unique_ptr<X509, FreeX509> certificate{SSL_get1_peer_certificate(ssl_.get())};
  if (!certificate || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return std::nullopt;
  TlsIdentity identity;
  identity.subject = subject_of(certificate.get());
  identity.sha256 = fingerprint_of(certificate.get());
  read_names(certificate.get(), identity);
  return identity;
}

Result<std::shared_ptr<TlsSlot>> TlsSlot::open(const TlsSettings& settings) {
  Result<std::shared_ptr<SSL_CTX>> context = make_context(settings);
  if (!context) return context.error();
  return std::make_shared<TlsSlot>(std::move(*context));
}

Status TlsSlot::replace(const TlsSettings& settings) {
  Result<std::shared_ptr<SSL_CTX>> context = make_context(settings);
  if (!context) return context.error();
  const std::lock_guard lock{mutex_};
  context_ = std::move(*context);
  return done;
}

std::unique_ptr<TlsStream> TlsSlot::accept(int descriptor) {
  std::shared_ptr<SSL_CTX> context;
  {
    const std::lock_guard lock{mutex_};
    context = context_;
  }
  std::unique_ptr<SSL, TlsStream::Free> ssl{SSL_new(context.get())};
  if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1) throw std::runtime_error{"no TLS session"};
  SSL_set_accept_state(ssl.get());
  return std::make_unique<TlsStream>(std::move(ssl));
}

std::string TlsStream::verification_problem() const {
  const long result = SSL_get_verify_result(ssl_.get());
  return result == X509_V_OK ? std::string{} : X509_verify_cert_error_string(result);
}

Result<std::shared_ptr<TlsConnector>> TlsConnector::open(const TlsClientSettings& settings) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!context) return tls_error("cannot set up TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(),
                          settings.older_ciphers ? tls12_older_ciphers : tls12_ciphers);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const char* const file = settings.authority_file.c_str();
  const bool of_system = settings.authority_file.empty();
  if (!of_system && SSL_CTX_load_verify_locations(context.get(), file, nullptr) != 1) {
    return tls_error("cannot use the authorities in " + settings.authority_file);
  }
  if (!settings.certificate_file.empty()) {
    const Status used = use_key_pair(context.get(), settings.certificate_file, settings.key_file);
    if (!used) return used.error();
  }
  if (!settings.revocation_file.empty()) {
    const Status looked_up = refuse_revoked(context.get(), settings.revocation_file);
    if (!looked_up) return looked_up.error();
  }
  return std::make_shared<TlsConnector>(std::move(context), of_system);
}

Result<std::unique_ptr<TlsStream>> TlsConnector::connect(int descriptor, const std::string& host) {
  if (of_system_) {
    std::call_once(authorities_read_, [this] { SSL_CTX_set_default_verify_paths(context_.get()); });
  }
  ERR_clear_error();
  std::unique_ptr<SSL, TlsStream::Free> ssl{SSL_new(context_.get())};
  if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1) return tls_error("cannot begin TLS");
  // RFC 6066, 3: a numeric address is not sent as the server's name.
  const bool numeric = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1;
  const bool named =
      numeric || (SSL_set1_host(ssl.get(), host.c_str()) == 1 && send_host_name(ssl.get(), host));
  if (!named) return tls_error("not a host that can be verified");
  SSL_set_connect_state(ssl.get());
  return std::make_unique<TlsStream>(std::move(ssl));
}

}  // namespace cpis::net
