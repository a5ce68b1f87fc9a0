#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/time.h"

namespace cpis::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7); fractions of a second are cut.
std::string write_http_date(Time moment);

/// The form above only; the two obsolete ones are not read. Empty for anything else.
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace cpis::http
