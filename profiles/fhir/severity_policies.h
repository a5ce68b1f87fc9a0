#pragma once

#include <optional>
#include <string_view>

#include "fhir/validate/policy.h"

namespace cpis::profiles {

/// A severity policy that ships with the product (`profiles/fhir/policies/NAME.json`, where every
/// exception says why): `nhs`. Nothing for a name that is not shipped.
std::optional<fhir::Policy> severity_policy(std::string_view name);

}  // namespace cpis::profiles
