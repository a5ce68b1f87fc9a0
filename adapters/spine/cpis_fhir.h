#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/access.h"
#include "adapters/core/caller.h"
#include "adapters/core/protection.h"
#include "adapters/spine/reading.h"

namespace cpis::spine {

/// The CP-IS FHIR API (draft, cpis.md 14) as an upstream: what to ask, and what the answers mean.
/// It is asked with the user's own token: unattended access is not allowed there.
std::string care_team_path(const NhsNumber& person);
std::string audit_event_path(const NhsNumber& person);
/// The Patient Flag form: `/PatientFlag?patient=...&code=child-protection-information-system-flag`.
std::string patient_flag_path(const NhsNumber& person);

/// `IsUnscheduledAccessEvent`: "true" for unscheduled care, "false" for a silent look.
std::string_view unscheduled_header(CareSetting setting);

/// Plans from a CareTeam searchset, or from the Flag, CarePlan and CareTeam of the Patient Flag
/// form. None held only when a searchset says total 0 and holds nothing. A plan that cannot be read
/// makes the record incomplete; a bundle of which none can be read is unknown.
ProtectionAnswer read_plans(int http_status, std::string_view body, const NhsNumber& asked);
/// Earlier looks from an AuditEvent searchset. Entries that cannot be read are reported and left
/// out.
Reading<std::vector<AccessEvent>> read_history(int http_status, std::string_view body,
                                               const NhsNumber& asked);

/// What such an API answers: for the simulator.
std::string write_care_teams(const ProtectionRecord* record);
std::string write_audit_events(const ProtectionRecord* record);

}  // namespace cpis::spine
