#pragma once

#include <chrono>
#include <string>

#include "conformance/runner/http_exchange.h"

namespace cpis::conformance {

struct ExchangeOptions {
  std::chrono::seconds timeout{30};                            ///< for each step of an exchange
  std::size_t body_bytes_max = std::size_t{64} * 1024 * 1024;  ///< larger answers are refused
  std::string authorities_file;                                ///< PEM; empty: those of the system
  std::string certificate_file;  ///< PEM with key, for mutual TLS; empty: none
};

/// HTTP/1.1 by Poco, a connection for each exchange. https checks the server's certificate and
/// name.
class PocoExchange : public HttpExchange {
 public:
  explicit PocoExchange(ExchangeOptions options) : options_{std::move(options)} {}

  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  ExchangeOptions options_;
};

}  // namespace cpis::conformance
