#pragma once

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/search_request.h"
#include "gateway/fhir_api/services.h"

// Everything that is answered by asking about a person: Flag, CarePlan, CareTeam, AuditEvent,
// Organization, and the NHS England shapes PatientFlag. Each search and read is a check: audited
// first, and from unscheduled care recorded and notified, once for one look (look_book.h).

namespace cpis::fhir_api {

inline constexpr SearchParam flag_params[] = {
    {"patient", "reference", "Whom the flags are about: Patient/ID, or a bare NHS number"},
    {"patient:identifier", "reference", "The same as system|NHS number"},
    {"subject", "reference", "As patient"},
    {"subject:identifier", "reference", "As patient:identifier"},
    {"code", "token", "Flag kind or SNOMED plan type"},
    {"category", "token", "safety"},
    {"status", "token", "active or inactive"},
    {"identifier", "token", "Flags of this service carry none: matches nothing"},
    {"date", "date", "Flags whose period overlaps"},
    {"_id", "token", "The flag with this id; needs patient too"},
};
inline constexpr SearchParam plan_params[] = {
    {"patient", "reference", "Whom the plans are about"},
    {"patient:identifier", "reference", "The same as system|NHS number"},
    {"subject", "reference", "As patient"},
    {"subject:identifier", "reference", "As patient:identifier"},
    {"category", "token", "SNOMED plan type"},
    {"status", "token", "Status of the resource"},
    {"date", "date", "Plans whose period overlaps"},
    {"_id", "token", "The resource with this id; needs patient too"},
};
inline constexpr SearchParam access_params[] = {
    {"patient", "reference", "Whose record was looked at"},
    {"patient:identifier", "reference", "The same as system|NHS number"},
    {"date", "date", "Time of the look"},
};
inline constexpr SearchParam organisation_params[] = {
    {"identifier", "token", "ODS code of a council"},
    {"name", "string", "Beginning of the name"},
    {"_id", "token", "ODS code of a council"},
};

void search_flags(const Services& services, Exchange&& exchange);
void search_patient_flags(const Services& services, Exchange&& exchange);
void search_care_plans(const Services& services, Exchange&& exchange);
void search_care_teams(const Services& services, Exchange&& exchange);
void search_accesses(const Services& services, Exchange&& exchange);
void search_organisations(const Services& services, Exchange&& exchange);

void read_flag(const Services& services, Exchange&& exchange);
void read_care_plan(const Services& services, Exchange&& exchange);
void read_care_team(const Services& services, Exchange&& exchange);
void read_organisation(const Services& services, Exchange&& exchange);

}  // namespace cpis::fhir_api
