#pragma once

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/search_request.h"
#include "gateway/fhir_api/services.h"

// Patient and Encounter as the hospital feeds describe them, answered from memory.

namespace cpis::fhir_api {

inline constexpr SearchParam patient_params[] = {
    {"identifier", "token", "NHS number or hospital number, system|value"},
    {"_id", "token", "Logical id; the NHS number where known"},
};
inline constexpr SearchParam encounter_params[] = {
    {"patient", "reference", "Whose attendances"},
    {"patient:identifier", "reference", "The same as system|NHS number"},
    {"subject", "reference", "As patient"},
    {"subject:identifier", "reference", "As patient:identifier"},
    {"date", "date", "Attendances whose period overlaps"},
    {"status", "token", "in-progress, finished, planned or cancelled"},
    {"class", "token", "EMER, IMP, AMB or PRENC"},
    {"identifier", "token", "Visit number"},
    {"_id", "token", "Logical id"},
};

void read_patient_resource(const Services& services, Exchange&& exchange);
void search_patients(const Services& services, Exchange&& exchange);
void read_encounter(const Services& services, Exchange&& exchange);
void search_encounters(const Services& services, Exchange&& exchange);

}  // namespace cpis::fhir_api
