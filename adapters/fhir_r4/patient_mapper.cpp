#include "adapters/fhir_r4/patient_mapper.h"

#include <array>
#include <cstddef>

#include "adapters/core/time.h"
#include "adapters/fhir_r4/build.h"
#include "adapters/fhir_r4/encounter_class.h"
#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4 {
namespace {

constexpr std::array<std::string_view, 4> genders{"unknown", "male", "female", "other"};

constexpr std::array<std::string_view, 5> states{"unknown", "planned", "in-progress", "finished",
                                                 "cancelled"};

void restrict(fhir::Document& doc, fhir::Element& resource) {
  fhir::Element& label = doc.append_item(doc.get_or_append(resource, "meta"), "security");
  doc.append(label, "system", systems::confidentiality);
  doc.append(label, "code", "R");
  doc.append(label, "display", "restricted");
}

void add_identifiers(fhir::Document& doc, fhir::Element& patient, const PatientIdentity& identity) {
  if (identity.nhs_number) {
    fhir::Element& number = doc.append_item(patient, "identifier");
    if (!identity.nhs_number_status.empty()) {
      fhir::Element& status = doc.append_item(number, "extension");
      doc.append(status, "url", extensions::number_status);
      add_concept(doc, status, "valueCodeableConcept", false, systems::number_status,
                  identity.nhs_number_status, {});
    }
    doc.append(number, "system", systems::nhs_number);
    doc.append(number, "value", identity.nhs_number->digits());
  }
  for (const LocalIdentifier& local : identity.local_ids) {
    fhir::Element& identifier = doc.append_item(patient, "identifier");
    doc.append(identifier, "value", local.value);
    if (!local.authority.empty()) {
      doc.append(doc.append(identifier, "assigner"), "display", local.authority);
    }
  }
}

void add_name(fhir::Document& doc, fhir::Element& patient, const HumanName& name) {
  fhir::Element& element = doc.append_item(patient, "name");
  if (!name.use.empty()) doc.append(element, "use", name.use);
  if (!name.family.empty()) doc.append(element, "family", name.family);
  for (const std::string& given : name.given) doc.append_item(element, "given", given);
  if (!name.prefix.empty()) doc.append_item(element, "prefix", name.prefix);
  if (!name.suffix.empty()) doc.append_item(element, "suffix", name.suffix);
}

void add_if_any(fhir::Document& doc, fhir::Element& element, std::string_view name,
                std::string_view value) {
  if (!value.empty()) doc.append(element, name, value);
}

void add_where_and_how(fhir::Document& doc, fhir::Element& patient, const PatientDetails& details) {
  for (const Telecom& telecom : details.telecoms) {
    fhir::Element& element = doc.append_item(patient, "telecom");
    add_if_any(doc, element, "system", telecom.system);
    add_if_any(doc, element, "value", telecom.value);
    add_if_any(doc, element, "use", telecom.use);
  }
  for (const Address& address : details.addresses) {
    fhir::Element& element = doc.append_item(patient, "address");
    add_if_any(doc, element, "use", address.use);
    for (const std::string& line : address.lines) doc.append_item(element, "line", line);
    add_if_any(doc, element, "city", address.city);
    add_if_any(doc, element, "district", address.district);
    add_if_any(doc, element, "postalCode", address.postcode);
    add_if_any(doc, element, "country", address.country);
  }
  if (!details.gp_practice_ods.empty()) {
    fhir::Element& practice = doc.append_item(patient, "generalPractitioner");
    add_identifier(doc, practice, "identifier", false, systems::ods_organisation,
                   details.gp_practice_ods);
  }
}

}  // namespace

void write_patient(fhir::Document& doc, fhir::Element& patient, std::string_view id,
                   const PatientIdentity& identity, const PatientDetails& details) {
  doc.append(patient, "id", id);
  if (details.shielded) restrict(doc, patient);
  add_identifiers(doc, patient, identity);
  doc.append(patient, "active", "true", fhir::Kind::boolean);
  for (const HumanName& name : details.names) add_name(doc, patient, name);
  doc.append(patient, "gender", genders[static_cast<std::size_t>(details.sex)]);
  if (details.birth_date) doc.append(patient, "birthDate", to_iso(*details.birth_date));
  if (details.died) {
    doc.append(patient, "deceasedDateTime", to_iso(*details.died));
  } else if (details.deceased) {
    doc.append(patient, "deceasedBoolean", "true", fhir::Kind::boolean);
  }
  if (!details.shielded) add_where_and_how(doc, patient, details);
}

void write_replaced_patient(fhir::Document& doc, fhir::Element& patient, std::string_view id,
                            std::string_view survivor) {
  doc.append(patient, "id", id);
  doc.append(patient, "active", "false", fhir::Kind::boolean);
  fhir::Element& link = doc.append_item(patient, "link");
  add_reference(doc, link, "other", "Patient/" + std::string{survivor});
  doc.append(link, "type", "replaced-by");
}

void write_encounter(fhir::Document& doc, fhir::Element& encounter, const EncounterContext& context,
                     const VisitDetails& visit) {
  doc.append(encounter, "id", context.id);
  if (context.shielded) restrict(doc, encounter);
  if (!visit.number.empty()) {
    fhir::Element& identifier = doc.append_item(encounter, "identifier");
    doc.append(identifier, "value", visit.number);
    if (!visit.number_authority.empty()) {
      doc.append(doc.append(identifier, "assigner"), "display", visit.number_authority);
    }
  }
  doc.append(encounter, "status", states[static_cast<std::size_t>(context.state)]);
  const ClassCoding code = class_coding(visit);
  fhir::Element& patient_class = doc.append(encounter, "class");
  doc.append(patient_class, "system", code.system);
  doc.append(patient_class, "code", code.code);
  doc.append(patient_class, "display", code.display);
  add_reference(doc, encounter, "subject", "Patient/" + std::string{context.patient_id});
  if (visit.started || visit.ended) {
    fhir::Element& period = doc.append(encounter, "period");
    if (visit.started) doc.append(period, "start", to_iso(*visit.started));
    if (visit.ended) {
      // A stay over the hour that is shown twice does not end before it began.
      const Time ended = repeated_hour_after(*visit.ended, visit.started.value_or(*visit.ended));
      doc.append(period, "end", to_iso(ended));
    }
  }
  if (!visit.reason.empty()) {
    doc.append(doc.append_item(encounter, "reasonCode"), "text", visit.reason);
  }
  if (!visit.location.empty() && !context.shielded) {
    fhir::Element& location = doc.append_item(encounter, "location");
    doc.append(doc.append(location, "location"), "display", visit.location);
  }
  if (!context.organisation_ods.empty()) {
    fhir::Element& provider = doc.append(encounter, "serviceProvider");
    add_identifier(doc, provider, "identifier", false, systems::ods_organisation,
                   context.organisation_ods);
  }
}

}  // namespace cpis::fhir_r4
