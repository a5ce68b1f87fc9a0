#pragma once

#include <string>

#include "adapters/core/result.h"
#include "fhir/validate/policy.h"

namespace cpis::app {

/// What `validate.policy` and `validate --policy` mean: nothing (the severities of the standard),
/// the name of a policy that ships with the product, or a file with one. An error says what is
/// wrong with the file and where.
Result<fhir::Policy> severity_policy_of(const std::string& setting);

}  // namespace cpis::app
