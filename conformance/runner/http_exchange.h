#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"

namespace cpis::conformance {

struct HttpHeader {
  std::string name;
  std::string value;
};

/// The first value of a header, names compared without letter case; empty when there is none.
std::string_view header_value(const std::vector<HttpHeader>& headers, std::string_view name);

struct HttpRequest {
  std::string method;  ///< `GET`
  std::string url;     ///< absolute
  std::vector<HttpHeader> headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;
};

/// The way to the server under test. One request at a time.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  /// Sends once, follows no redirect. An error means that there is no answer to judge.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace cpis::conformance
