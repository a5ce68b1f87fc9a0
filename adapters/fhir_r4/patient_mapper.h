#pragma once

#include <string>
#include <string_view>

#include "adapters/core/attendance.h"
#include "fhir/tree/document.h"

namespace cpis::fhir_r4 {

/// A person as a hospital describes one. Addresses, telephones and the practice of a shielded
/// person are left out, and `meta.security` says that the rest is restricted.
void write_patient(fhir::Document& doc, fhir::Element& patient, std::string_view id,
                   const PatientIdentity& identity, const PatientDetails& details);

/// Marks a record that another one survives: inactive, `link` replaced-by.
void write_replaced_patient(fhir::Document& doc, fhir::Element& patient, std::string_view id,
                            std::string_view survivor);

/// What an Encounter is about.
struct EncounterContext {
  std::string_view id;
  std::string_view patient_id;
  std::string_view organisation_ods;
  VisitState state = VisitState::unknown;
  bool shielded = false;
};

/// One attendance. The class is a v3 ActCode; an arrival in the emergency department is
/// in-progress whatever the event code was (hl7v2.md 2).
void write_encounter(fhir::Document& doc, fhir::Element& encounter, const EncounterContext& context,
                     const VisitDetails& visit);

}  // namespace cpis::fhir_r4
