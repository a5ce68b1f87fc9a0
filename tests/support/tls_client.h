#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/test_certificates.h"

namespace cpis::test {

/// A blocking TLS client for tests, on 127.0.0.1.
class TlsClient {
 public:
  struct Options {
    std::string authority_file;  ///< the server must prove itself by this authority
    KeyPair own = {};            ///< shown when the server asks; empty: none
    int newest_version = 0;      ///< for example TLS1_2_VERSION; 0: the newest there is
    bool resume = false;         ///< take up the session that was kept
  };
  TlsClient(std::uint16_t port, const Options& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Whether the handshake came to its end on this side. With TLS 1.3 the server's refusal of a
  /// client certificate shows only at the first `read`.
  bool connected() const noexcept { return connected_; }
  bool send(std::string_view bytes);
  /// Exactly so many bytes, or fewer when the server ends the connection.
  std::string read(std::size_t wanted);
  /// The subject's common name of the server's certificate.
  std::string server_name() const;
  /// Whether the server took this session up from an earlier one.
  bool resumed() const;
  /// After a `read`, the session to be taken up by the next client.
  void keep_session();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  bool connected_ = false;
};

}  // namespace cpis::test
