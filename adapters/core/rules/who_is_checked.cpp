#include "adapters/core/rules/who_is_checked.h"

#include <array>

namespace cpis::rules {
namespace {

bool is_unscheduled(const VisitDetails& visit, const CheckSettings& settings) {
  switch (visit.patient_class) {
    case PatientClass::emergency:
    case PatientClass::obstetrics:
      return true;
    case PatientClass::inpatient:
      // 21-28 are emergency admissions, 31 and 32 maternity (NHS admission method).
      return settings.inpatients || visit.admission_method.starts_with('2') ||
             visit.admission_method.starts_with("31") || visit.admission_method.starts_with("32");
    default:
      return visit.expectant_mother && settings.expectant_mothers;
  }
}

CheckDecision scope_of(const PatientDetails& details, const VisitDetails& visit, Date today,
                       const CheckSettings& settings) {
  const bool birth_known = details.birth_date && !details.birth_date_estimated;
  if (birth_known && age_on(*details.birth_date, today) < settings.adult_age) {
    return CheckDecision::check_child;
  }
  // An expectant mother is checked at any age; whether she is a child was decided above.
  if (visit.expectant_mother && settings.expectant_mothers) {
    return CheckDecision::check_expectant_mother;
  }
  if (!birth_known && settings.unknown_birth_date) return CheckDecision::check_age_unknown;
  return CheckDecision::skip_adult;
}

}  // namespace

std::string_view words_of(CheckDecision decision) {
  constexpr std::array<std::string_view, 9> words{
      "checked: under 18",
      "checked: age not known",
      "checked: expectant mother",
      "not checked: adult",
      "not checked: not unscheduled care",
      "not checked: not present",
      "cannot be checked: no NHS number",
      "cannot be checked: two different NHS numbers",
      "cannot be checked: NHS number not verified",
  };
  return words[static_cast<std::size_t>(decision)];
}

CheckDecision who_is_checked(const PatientIdentity& patient, const PatientDetails& details,
                             const VisitDetails& visit, VisitState state, Date today,
                             const CheckSettings& settings) {
  if (state != VisitState::in_progress) return CheckDecision::skip_not_present;
  if (!is_unscheduled(visit, settings)) return CheckDecision::skip_not_unscheduled;
  const CheckDecision scope = scope_of(details, visit, today, settings);
  if (!asks(scope)) return scope;
  if (patient.nhs_number_ambiguous) return CheckDecision::review_ambiguous;
  if (!patient.nhs_number) return CheckDecision::review_no_nhs_number;
  if (!patient.nhs_number_status.empty() && patient.nhs_number_status != "01") {
    return CheckDecision::review_unverified;
  }
  return scope;
}

}  // namespace cpis::rules
