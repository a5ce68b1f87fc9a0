#include "gateway/fhir_api/routes.h"

#include <algorithm>
#include <array>

#include "gateway/fhir_api/protection_api.h"
#include "gateway/fhir_api/resource_api.h"

namespace cpis::fhir_api {
namespace {

constexpr std::array rows{
    Route{"AuditEvent", "search-type", "", access_params, "AuditEvent:entity-type", search_accesses,
          "Earlier looks at a person's record (CP-IS API form)"},
    Route{"CarePlan", "read", "", {}, "", read_care_plan, "The plan a Flag points to"},
    Route{"CarePlan", "search-type", "", plan_params, "CarePlan:care-team", search_care_plans,
          "A person's plans"},
    Route{"CareTeam", "read", "", {}, "", read_care_team, "The responsible council of a plan"},
    Route{"CareTeam", "search-type", "", plan_params, "CareTeam:organization", search_care_teams,
          "A person's plans in the form of the CP-IS API"},
    Route{"Encounter", "read", "", {}, "", read_encounter, "One attendance"},
    Route{"Encounter", "search-type", "", encounter_params, "", search_encounters, "Attendances"},
    Route{"Flag", "read", "", {}, "", read_flag, "One flag; a look at the person's record"},
    Route{"Flag", "search-type", "", flag_params, "Flag:detail Flag:author", search_flags,
          "A person's child protection flags; a look at the record"},
    Route{"Organization", "read", "", {}, "", read_organisation, "One council"},
    Route{"Organization", "search-type", "", organisation_params, "", search_organisations,
          "Councils"},
    Route{"Patient", "read", "", {}, "", read_patient_resource, "One person"},
    Route{"Patient", "search-type", "", patient_params, "", search_patients,
          "People by identifier"},
    Route{"PatientFlag", "search-type", "Flag", flag_params, "", search_patient_flags,
          "Patient Flag API form: with a code, plans and teams come too"},
};

}  // namespace

std::span<const Route> routes() { return rows; }

const Route* find_route(std::string_view type, std::string_view interaction) {
  const auto* found = std::find_if(rows.begin(), rows.end(), [&](const Route& route) {
    return route.type == type && route.interaction == interaction;
  });
  return found == rows.end() ? nullptr : found;
}

bool serves(std::string_view type) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Route& route) { return route.type == type; });
}

}  // namespace cpis::fhir_api
