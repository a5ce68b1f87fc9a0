#include "adapters/fhir_r4/access_mapper.h"

#include "adapters/fhir_r4/build.h"
#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4 {
namespace {

constexpr std::string_view audit_type = "http://terminology.hl7.org/CodeSystem/audit-event-type";
constexpr std::string_view interaction = "http://hl7.org/fhir/restful-interaction";
constexpr std::string_view object_role = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view entity_type = "http://terminology.hl7.org/CodeSystem/audit-entity-type";

void add_plain_coding(fhir::Document& doc, fhir::Element& coding, std::string_view system,
                      std::string_view code, std::string_view display) {
  doc.append(coding, "system", system);
  doc.append(coding, "code", code);
  doc.append(coding, "display", display);
}

void add_agent(fhir::Document& doc, fhir::Element& event, const AccessEvent& access,
               const std::string& role_reference) {
  fhir::Element& agent = doc.append_item(event, "agent");
  add_concept(doc, agent, "role", true, systems::job_role, access.by.role_code,
              access.by.role_name);
  add_reference(doc, agent, "who", role_reference, access.by.person_name);
  doc.append(agent, "requestor", "true", fhir::Kind::boolean);
}

void add_organisation(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                      const Caller& by) {
  fhir::Element& organisation = doc.append(parent, name);
  add_identifier(doc, organisation, "identifier", false, systems::ods_organisation,
                 by.organisation_code);
  doc.append(organisation, "display", by.organisation_name);
}

}  // namespace

std::string access_id(const AccessEvent& access) {
  std::string id = access.id;
  for (char& c : id) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return id;
}

void write_access(fhir::Document& doc, fhir::Element& event, const AccessEvent& access) {
  const std::string id = access_id(access);
  const std::string role = "PractitionerRole/" + id;
  doc.append(event, "id", id);
  add_plain_coding(doc, doc.append(event, "type"), audit_type, "rest", "RESTful Operation");
  add_plain_coding(doc, doc.append_item(event, "subtype"), interaction, "search-type", "search");
  doc.append(event, "action", "E");
  doc.append(event, "recorded", to_iso(access.at));
  doc.append(event, "outcome", "0");
  add_agent(doc, event, access, role);
  fhir::Element& organisation = doc.append_item(event, "agent");
  add_organisation(doc, organisation, "who", access.by);
  doc.append(organisation, "requestor", "false", fhir::Kind::boolean);
  fhir::Element& source = doc.append(event, "source");
  add_organisation(doc, source, "observer", access.by);

  fhir::Element& patient = doc.append_item(event, "entity");
  add_patient_reference(doc, patient, "what", access.person);
  add_plain_coding(doc, doc.append(patient, "type"), entity_type, "1", "Person");
  add_plain_coding(doc, doc.append(patient, "role"), object_role, "1", "Patient");
  fhir::Element& by = doc.append_item(event, "entity");
  add_reference(doc, by, "what", role, access.by.person_name);
  add_plain_coding(doc, doc.append(by, "type"), systems::role_class, "ASSIGNED", "assigned entity");
}

void write_accessor(fhir::Document& doc, fhir::Element& role, const AccessEvent& access) {
  doc.append(role, "id", access_id(access));
  doc.append(role, "active", "true", fhir::Kind::boolean);
  fhir::Element& practitioner = doc.append(role, "practitioner");
  if (!access.by.user_id.empty()) {
    add_identifier(doc, practitioner, "identifier", false, systems::sds_user, access.by.user_id);
  }
  doc.append(practitioner, "display", access.by.person_name);
  add_organisation(doc, role, "organization", access.by);
  add_concept(doc, role, "code", true, systems::job_role, access.by.role_code, access.by.role_name);
}

}  // namespace cpis::fhir_r4
