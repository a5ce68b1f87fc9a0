#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/core/attendance.h"

namespace cpis::rules {

/// Which attendances lead to a check.
struct CheckSettings {
  int adult_age = 18;              ///< younger people are checked
  bool unknown_birth_date = true;  ///< a person of unknown age is checked
  bool expectant_mothers = true;
  bool inpatients = false;  ///< also check elective and ward admissions (class I)
};

/// Why an attendance is checked, or why not. Every value is shown to support staff.
enum class CheckDecision : std::uint8_t {
  check_child,
  check_age_unknown,
  check_expectant_mother,
  skip_adult,
  skip_not_unscheduled,  ///< class and state do not make it an unscheduled attendance
  skip_not_present,      ///< planned, cancelled or already finished
  review_no_nhs_number,  ///< in scope, but there is no number to ask with
  review_ambiguous,      ///< in scope, but two different numbers were sent
  review_unverified,     ///< in scope, but the number's tracing status is not "verified"
};

constexpr bool asks(CheckDecision decision) {
  return decision <= CheckDecision::check_expectant_mother;
}
/// A person has to look: somebody in scope could not be checked.
constexpr bool needs_review(CheckDecision decision) {
  return decision >= CheckDecision::review_no_nhs_number;
}
std::string_view words_of(CheckDecision decision);

/// Decides from class and state, never from the event code (hl7v2.md 0.3, 6.3): children under 18,
/// people of unknown age and expectant mothers who are present for unscheduled care. A number
/// status that was sent and is not 01 (verified) needs a trace first; one that was not sent is
/// taken as the feed's own assurance.
CheckDecision who_is_checked(const PatientIdentity& patient, const PatientDetails& details,
                             const VisitDetails& visit, VisitState state, Date today,
                             const CheckSettings& settings);

}  // namespace cpis::rules
