#pragma once

#include <map>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "conformance/runner/http_exchange.h"
#include "conformance/runner/memory.h"
#include "conformance/runner/test_script.h"

namespace cpis::conformance {

/// Base urls, without a slash at the end, of the servers under test.
struct Destinations {
  std::string base_url;
  std::map<int, std::string> numbered;  ///< for scripts with several; others use base_url

  const std::string& url(int destination) const;
};

/// `application/fhir+json` for `json`; a media type stays as it is; `json` when empty.
std::string media_type(std::string_view word);

/// The HTTP request an operation stands for (FHIR R4 testscript.html, http.html). Without type and
/// method it is a GET, or a POST when it has something to send. `none` for accept or contentType
/// sends no such header. An error when a fixture or a variable it needs is missing.
Result<HttpRequest> build_request(const Operation& operation, const Destinations& destinations,
                                  Memory& memory);

}  // namespace cpis::conformance
