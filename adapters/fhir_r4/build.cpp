#include "adapters/fhir_r4/build.h"

#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4 {

void add_coding(fhir::Document& doc, fhir::Element& parent, std::string_view system,
                std::string_view code, std::string_view display) {
  fhir::Element& coding = doc.append_item(parent, "coding");
  doc.append(coding, "system", system);
  doc.append(coding, "code", code);
  if (!display.empty()) doc.append(coding, "display", display);
}

fhir::Element& add_concept(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                           bool listed, std::string_view system, std::string_view code,
                           std::string_view display) {
  fhir::Element& concept_element =
      listed ? doc.append_item(parent, name) : doc.append(parent, name);
  add_coding(doc, concept_element, system, code, display);
  return concept_element;
}

void add_profile(fhir::Document& doc, fhir::Element& resource, std::string_view profile) {
  doc.append_item(doc.get_or_append(resource, "meta"), "profile", profile);
}

fhir::Element& add_reference(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                             std::string_view reference, std::string_view display) {
  fhir::Element& element = doc.append(parent, name);
  doc.append(element, "reference", reference);
  if (!display.empty()) doc.append(element, "display", display);
  return element;
}

void add_patient_reference(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                           const NhsNumber& person) {
  fhir::Element& subject = doc.append(parent, name);
  doc.append(subject, "reference", "Patient/" + std::string{person.digits()});
  add_identifier(doc, subject, "identifier", false, systems::nhs_number, person.digits());
}

fhir::Element& add_identifier(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                              bool listed, std::string_view system, std::string_view value) {
  fhir::Element& identifier = listed ? doc.append_item(parent, name) : doc.append(parent, name);
  if (!system.empty()) doc.append(identifier, "system", system);
  doc.append(identifier, "value", value);
  return identifier;
}

std::string to_fhir(const PlanDate& date) {
  if (date.minute == 0) return to_iso(date.day);
  const Time instant = from_london(date.day, std::chrono::minutes{date.minute});
  const int offset = london_offset_minutes(instant);
  std::string text = to_iso(instant + std::chrono::minutes{offset});
  text.resize(19);  // without the fraction and the Z
  return text + (offset == 60 ? "+01:00" : "+00:00");
}

void add_period(fhir::Document& doc, fhir::Element& parent, const PlanDate& start,
                const std::optional<PlanDate>& end) {
  fhir::Element& period = doc.append(parent, "period");
  doc.append(period, "start", to_fhir(start));
  if (end) doc.append(period, "end", to_fhir(*end));
}

void add_phone(fhir::Document& doc, fhir::Element& parent, std::string_view number,
               std::string_view use) {
  if (number.empty()) return;
  fhir::Element& telecom = doc.append_item(parent, "telecom");
  doc.append(telecom, "system", "phone");
  doc.append(telecom, "value", number);
  doc.append(telecom, "use", use);
}

}  // namespace cpis::fhir_r4
