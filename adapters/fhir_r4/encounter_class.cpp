#include "adapters/fhir_r4/encounter_class.h"

#include <array>
#include <cstddef>

#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4 {
namespace {

struct ClassRow {
  std::string_view word;
  ClassCoding coding;
};
// In the order of PatientClass. HL7 v2-to-FHIR, PatientClass[EncounterClass]; obstetrics and
// newborns are inpatients of a kind, waiting and pre-admission are pre-admission.
constexpr std::array<ClassRow, 9> rows{{
    {"unknown", {systems::v2_patient_class, "U", "Unknown"}},
    {"emergency", {systems::act_code, "EMER", "emergency"}},
    {"inpatient", {systems::act_code, "IMP", "inpatient encounter"}},
    {"outpatient", {systems::act_code, "AMB", "ambulatory"}},
    {"preadmit", {systems::act_code, "PRENC", "pre-admission"}},
    {"obstetrics", {systems::act_code, "IMP", "inpatient encounter"}},
    {"newborn", {systems::act_code, "IMP", "inpatient encounter"}},
    {"recurring", {systems::act_code, "AMB", "ambulatory"}},
    {"waiting", {systems::act_code, "PRENC", "pre-admission"}},
}};
constexpr ClassRow not_applicable{"not-applicable",
                                  {systems::v2_patient_class, "N", "Not Applicable"}};
constexpr ClassRow commercial{"commercial", {systems::v2_patient_class, "C", "Commercial Account"}};

const ClassRow& row_of(const VisitDetails& visit) {
  if (visit.patient_class == PatientClass::unknown) {
    if (visit.class_as_sent == "N" || visit.class_as_sent == "NA") return not_applicable;
    if (visit.class_as_sent == "C") return commercial;
  }
  return rows[static_cast<std::size_t>(visit.patient_class)];
}

}  // namespace

std::string_view class_word(const VisitDetails& visit) { return row_of(visit).word; }

ClassCoding class_coding(const VisitDetails& visit) { return row_of(visit).coding; }

}  // namespace cpis::fhir_r4
