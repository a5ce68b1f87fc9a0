#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request_parser.h"

namespace cpis::test {

/// What came out of a parser, as text that can be compared.
struct RequestOutcome {
  std::vector<std::string> requests;
  int status = 0;  ///< of the failure, if any
  friend bool operator==(const RequestOutcome&, const RequestOutcome&) = default;
};

/// One line for each part of a request, so that two of them can be compared in full.
std::string describe(const http::Request& request);

/// Reads requests from pieces of one stream, as a connection does.
RequestOutcome read_requests(const std::vector<std::string_view>& pieces,
                             const http::RequestLimits& limits);

}  // namespace cpis::test
