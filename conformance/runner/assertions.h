#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/runner/memory.h"
#include "conformance/runner/test_script.h"
#include "fhir/tree/document.h"

namespace cpis::conformance {

/// http://hl7.org/fhir/report-action-result-codes
enum class Outcome { pass, skip, fail, warning, error };
std::string_view code_of(Outcome outcome);

struct ActionReport {
  bool assertion = false;
  Outcome outcome = Outcome::skip;
  std::string what;     ///< the script's own description, or the request
  std::string message;  ///< what was found, and what was wanted when that differs
};

/// What a validator says about a resource and a profile.
struct ProfileVerdict {
  bool known = false;  ///< false: the profile is not here, nothing was decided
  bool valid = false;
  std::string first_finding;
};
using ProfileCheck =
    std::function<ProfileVerdict(fhir::Document& resource, const std::string& canonical)>;

/// Judges one assert (FHIR R4 TestScript.setup.action.assert). `skip` when it could not be decided,
/// `error` when the script is wrong (unknown id, bad expression), `warning` instead of `fail` when
/// the assert is warningOnly.
ActionReport judge(const Assertion& assertion, const TestScript& script, Memory& memory,
                   const ProfileCheck& check);

/// Compares what was found with what is wanted by an assert-operator-code; an empty `op` is equals.
/// With several values found one is enough, except for the negated operators, which need all.
/// None for an unknown operator.
std::optional<bool> compare(std::string_view op, const std::vector<std::string>& found,
                            std::string_view wanted);

}  // namespace cpis::conformance
