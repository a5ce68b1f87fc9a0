#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "fhir/issues.h"
#include "fhir/validate/policy.h"

namespace cpis::profiles {

inline constexpr std::size_t policy_bytes_max = 1U << 20U;
inline constexpr std::size_t policy_rules_max = 1000;

/// Reads a severity policy as `profiles/fhir/policies` has them: JSON with `name`, `title` and
/// `rules`, each rule with one or more of `rule`, `profile`, `valueSet` and `path`, with a
/// `severity` (error, warning, information, or none for not reported) and with `why`. Every fault
/// is an error in `issues`, with the address of the rule; then there is no policy.
std::optional<fhir::Policy> read_severity_policy(std::string_view json, fhir::Issues& issues);

}  // namespace cpis::profiles
