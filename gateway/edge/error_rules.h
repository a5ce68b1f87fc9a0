#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis {

/// How one kind of failure looks from outside, whatever the protocol.
///
/// HL7 v2 is missing on purpose: our own trouble never answers AE or AR, it closes without an
/// answer so that the engine sends again (hl7v2.md 3.3).
struct ErrorRule {
  ErrorKind kind;
  int http_status;              ///< FHIR REST
  std::string_view issue_code;  ///< OperationOutcome.issue.code
  bool retry;                   ///< may the outbox send it again?
};

inline constexpr std::array error_rules{
    ErrorRule{ErrorKind::bad_input, 400, "invalid", false},
    ErrorRule{ErrorKind::unsupported, 422, "not-supported", false},
    ErrorRule{ErrorKind::forbidden, 403, "forbidden", false},
    ErrorRule{ErrorKind::not_found, 404, "not-found", false},
    ErrorRule{ErrorKind::conflict, 409, "conflict", false},
    ErrorRule{ErrorKind::busy, 503, "throttled", true},
    ErrorRule{ErrorKind::unavailable, 503, "transient", true},
    ErrorRule{ErrorKind::timeout, 504, "timeout", true},
    ErrorRule{ErrorKind::fault, 500, "exception", true},
};

consteval bool one_rule_per_kind_in_order() {
  for (std::size_t i = 0; i < error_rules.size(); ++i) {
    if (error_rules[i].kind != static_cast<ErrorKind>(i)) return false;
  }
  return error_rules.size() == error_kinds;
}
static_assert(one_rule_per_kind_in_order());

constexpr const ErrorRule& rule_for(ErrorKind kind) {
  return error_rules[static_cast<std::size_t>(kind)];
}

}  // namespace cpis
