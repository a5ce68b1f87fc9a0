#pragma once

#include <string>

#include "adapters/core/result.h"

namespace cpis::console {

struct Fetched {
  int status = 0;
  std::string body;
};

/// POST without a body, otherwise as `http_get`.
Result<Fetched> http_post(const std::string& url, const std::string& token = {});
struct HttpAsk {
  std::string url;  ///< http://host:port/path
  std::string token;
  std::string by;    ///< who does it; sent as X-Opened-By
  std::string json;  ///< posted when it is not empty; otherwise GET
  std::string content_type = "application/json";
};
/// Like http_get, for what somebody does.
Result<Fetched> http_ask(const HttpAsk& ask);

/// GET from a gateway, for the command line and the demo. `url` is http://host:port/path; a bearer
/// token when there is one. Ten seconds at the most, 64 MiB at the most.
Result<Fetched> http_get(const std::string& url, const std::string& token = {});

}  // namespace cpis::console
