#include "gateway/usecases/kept_resource.h"

#include <utility>

#include "adapters/fhir_r4/attendance_reader.h"
#include "fhir/json/reader.h"
#include "gateway/resources/resource_book.h"

namespace cpis::usecases {

std::optional<KeptResource> read_kept_resource(std::string_view body, const PatientBody& patient_of,
                                               std::string& why) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(body, doc, issues)) {
    why = "the kept resource cannot be read";
    return std::nullopt;
  }
  const fhir::Element& root = doc.root();
  KeptResource kept;
  if (root.resource_type() == "Patient") {
    kept.patient_id = root.value_of("id");
    kept.event.action = AdtAction::update_person;
    kept.event.patient = fhir_r4::read_identity(root);
    kept.event.details = fhir_r4::read_details(root);
    return kept;
  }
  kept.encounter_id = root.value_of("id");
  kept.event = fhir_r4::read_attendance(root);
  kept.patient_id = resources::keys_of("Encounter", body).patient_id;
  const auto patient = patient_of(kept.patient_id);
  if (!patient) {
    why = "the person of the attendance is not known";
    return std::nullopt;
  }
  fhir::Document person;
  if (!fhir::json::read_view(*patient, person, issues)) {
    why = "the person of the attendance cannot be read";
    return std::nullopt;
  }
  kept.event.patient = fhir_r4::read_identity(person.root());
  kept.event.details = fhir_r4::read_details(person.root());
  return kept;
}

}  // namespace cpis::usecases
