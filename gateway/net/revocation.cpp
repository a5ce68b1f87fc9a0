#include "gateway/net/revocation.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

#include "gateway/net/asn1_time.h"

namespace cpis::net {
namespace {

// More than any authority of this kind publishes; a file beyond is a mistake.
constexpr std::size_t lists_max = 64;

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeList {
  void operator()(X509_CRL* list) const noexcept { X509_CRL_free(list); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using List = std::unique_ptr<X509_CRL, FreeList>;

Result<std::vector<List>> read_lists(const std::string& file) {
  const std::unique_ptr<BIO, FreeBio> in{BIO_new_file(file.c_str(), "r")};
  if (!in) {
    ERR_clear_error();
    return Error{ErrorKind::bad_input, file + " cannot be read"};
  }
  std::vector<List> lists;
  while (lists.size() < lists_max) {
    List list{PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr)};
    if (!list) break;
    lists.push_back(std::move(list));
  }
  ERR_clear_error();  // the end of the file counts as an error there
  if (lists.empty()) return Error{ErrorKind::bad_input, file + " holds no revocation list (PEM)"};
  return lists;
}

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, FreeBio> out{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string{text, static_cast<std::size_t>(size)} : std::string{};
}

}  // namespace

Result<std::vector<RevocationList>> read_revocation_lists(const std::string& file) {
  const auto lists = read_lists(file);
  if (!lists) return lists.error();
  std::vector<RevocationList> read;
  for (const List& list : *lists) {
    const auto issued = time_of(X509_CRL_get0_lastUpdate(list.get()));
    if (!issued) return Error{ErrorKind::bad_input, file + " has a list without a readable date"};
    const int revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list.get()));
    read.push_back({text_of(X509_CRL_get_issuer(list.get())), *issued,
                    time_of(X509_CRL_get0_nextUpdate(list.get())),
                    revoked > 0 ? static_cast<std::size_t>(revoked) : 0});
  }
  return read;
}

Status refuse_revoked(SSL_CTX* context, const std::string& file) {
  const auto lists = read_lists(file);
  if (!lists) return lists.error();
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (const List& list : *lists) {
    if (X509_STORE_add_crl(store, list.get()) != 1) {
      ERR_clear_error();
      return Error{ErrorKind::bad_input, "cannot use the revocation lists in " + file};
    }
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return done;
}

Result<bool> is_revoked(const std::string& certificate_file, const std::string& list_file) {
  const auto lists = read_lists(list_file);
  if (!lists) return lists.error();
  const std::unique_ptr<BIO, FreeBio> in{BIO_new_file(certificate_file.c_str(), "r")};
  const std::unique_ptr<X509, FreeCertificate> certificate{
      in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr};
  ERR_clear_error();
  if (!certificate) {
    return Error{ErrorKind::bad_input, certificate_file + " holds no certificate (PEM)"};
  }
  bool listed_issuer = false;
  for (const List& list : *lists) {
    if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(certificate.get())) !=
        0) {
      continue;
    }
    listed_issuer = true;
    X509_REVOKED* entry = nullptr;
    // 2 would say: taken off the list again (RFC 5280, 5.3.1: removeFromCRL).
    if (X509_CRL_get0_by_cert(list.get(), &entry, certificate.get()) == 1) return true;
  }
  if (!listed_issuer) {
    return Error{ErrorKind::not_found, list_file + " has no list of the issuer"};
  }
  return false;
}

}  // namespace cpis::net
