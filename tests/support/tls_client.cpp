#include "tests/support/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>

namespace cpis::test {

namespace {

constexpr long wait_s = 60;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

// Kept between clients of one test.
std::unique_ptr<SSL_SESSION, FreeSession> kept_session;

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const timeval limit{wait_s, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return fd;
}

}  // namespace

struct TlsClient::Parts {
  std::unique_ptr<SSL_CTX, FreeContext> context;
  int fd = -1;
  std::unique_ptr<SSL, FreeSsl> ssl;
};

TlsClient::TlsClient(std::uint16_t port, const Options& options)
    : parts_{std::make_unique<Parts>()} {
  // SSL_write has no MSG_NOSIGNAL: a server that closes must not end the test program.
  std::signal(SIGPIPE, SIG_IGN);
  parts_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = parts_->context.get();
  SSL_CTX_load_verify_locations(context, options.authority_file.c_str(), nullptr);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (options.newest_version != 0) {
    SSL_CTX_set_max_proto_version(context, options.newest_version);
  }
  if (!options.own.certificate_file.empty()) {
    SSL_CTX_use_certificate_file(context, options.own.certificate_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context, options.own.key_file.c_str(), SSL_FILETYPE_PEM);
  }
  parts_->fd = connect_to(port);
  parts_->ssl.reset(SSL_new(context));
  SSL_set_fd(parts_->ssl.get(), parts_->fd);
  if (options.resume) SSL_set_session(parts_->ssl.get(), kept_session.get());
  connected_ = SSL_connect(parts_->ssl.get()) == 1;
}

TlsClient::~TlsClient() {
  if (connected_) SSL_shutdown(parts_->ssl.get());
  ::close(parts_->fd);
}

bool TlsClient::send(std::string_view bytes) {
  std::size_t written = 0;
  return SSL_write_ex(parts_->ssl.get(), bytes.data(), bytes.size(), &written) == 1;
}

std::string TlsClient::read(std::size_t wanted) {
  std::string bytes;
  std::array<char, 16384> piece{};
  while (bytes.size() < wanted) {
    const std::size_t room = std::min(piece.size(), wanted - bytes.size());
    std::size_t got = 0;
    if (SSL_read_ex(parts_->ssl.get(), piece.data(), room, &got) != 1) break;
    bytes.append(piece.data(), got);
  }
  return bytes;
}

std::string TlsClient::server_name() const {
  X509* const certificate = SSL_get0_peer_certificate(parts_->ssl.get());
  if (certificate == nullptr) return {};
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

bool TlsClient::resumed() const { return SSL_session_reused(parts_->ssl.get()) == 1; }

void TlsClient::keep_session() { kept_session.reset(SSL_get1_session(parts_->ssl.get())); }

}  // namespace cpis::test
