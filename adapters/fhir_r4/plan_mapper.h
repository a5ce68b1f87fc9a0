#pragma once

#include <string>
#include <string_view>

#include "adapters/core/protection.h"
#include "fhir/tree/document.h"

// One held plan as the resources that FHIR clients expect (design decision: one Flag per plan,
// Flag -> CarePlan -> CareTeam, council as Organization). Each function fills a resource element
// that already has its type.

namespace cpis::fhir_r4 {

/// Flag, profile England-Flag-PatientFlag. `status` is active while the plan is in force on
/// `today`, inactive when it has ended and is still shown. For an unborn child the subject is the
/// mother and the code says that the plan is about her unborn child.
void write_flag(fhir::Document& doc, fhir::Element& flag, const HeldPlan& held, Date today);

/// CarePlan, profile England-CarePlan-Flag.
void write_care_plan(fhir::Document& doc, fhir::Element& plan, const HeldPlan& held, Date today);

/// CareTeam, profile England-CareTeam-Flag, also the answer of the CP-IS FHIR API (category and
/// period of the plan; telephone `work` is office hours, `mobile` the emergency duty team).
void write_care_team(fhir::Document& doc, fhir::Element& team, const HeldPlan& held, Date today);

/// The council as an Organization.
void write_council(fhir::Document& doc, fhir::Element& organisation, const Council& council);

/// The id that Flag, CarePlan and CareTeam of this plan share.
std::string_view plan_id(const HeldPlan& held);

}  // namespace cpis::fhir_r4
