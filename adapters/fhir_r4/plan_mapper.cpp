#include "adapters/fhir_r4/plan_mapper.h"

#include "adapters/core/rules/visibility.h"
#include "adapters/fhir_r4/build.h"
#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4 {
namespace {

std::string relative(std::string_view type, std::string_view id) {
  return std::string{type} + '/' + std::string{id};
}

void add_plan_category(fhir::Document& doc, fhir::Element& resource, PlanType type) {
  const PlanTypeWords& words = words_of(type);
  add_concept(doc, resource, "category", true, systems::snomed, words.snomed, words.display);
}

void add_provenance(fhir::Document& doc, fhir::Element& flag, const HeldPlan& held) {
  fhir::Element& provenance = doc.append_resource(flag, "contained", "Provenance");
  doc.set_listed(provenance, true);
  doc.append(provenance, "id", "provenance");
  add_profile(doc, provenance, profiles::provenance);
  doc.append(doc.append_item(provenance, "target"), "reference", "#");
  doc.append(provenance, "recorded", to_iso(held.recorded));
  add_concept(doc, provenance, "activity", false, systems::data_operation, "CREATE", "create");
  fhir::Element& agent = doc.append_item(provenance, "agent");
  add_reference(doc, agent, "who", relative("Organization", held.council.ods_code),
                held.council.name);
}

}  // namespace

std::string_view plan_id(const HeldPlan& held) { return held.id; }

void write_flag(fhir::Document& doc, fhir::Element& flag, const HeldPlan& held, Date today) {
  doc.append(flag, "id", held.id);
  add_profile(doc, flag, profiles::flag);
  add_provenance(doc, flag, held);
  fhir::Element& detail = doc.append_item(flag, "extension");
  doc.append(detail, "url", extensions::flag_detail);
  add_reference(doc, detail, "valueReference", relative("CarePlan", held.id),
                words_of(held.plan.type).display);
  doc.append(flag, "status", rules::is_active(held.plan, today) ? "active" : "inactive");
  add_concept(doc, flag, "category", true, systems::flag_category, "safety", "Safety");
  const PlanTypeWords& words = words_of(held.plan.type);
  fhir::Element& code =
      add_concept(doc, flag, "code", false, systems::flag_kind, cpis_flag_code, cpis_flag_display);
  add_coding(doc, code, systems::snomed, words.snomed, words.display);
  doc.append(code, "text", words.display);
  add_patient_reference(doc, flag, "subject", held.subject.nhs_number);
  add_period(doc, flag, held.plan.start, held.plan.end);
  add_reference(doc, flag, "author", relative("Organization", held.council.ods_code),
                held.council.name);
}

void write_care_plan(fhir::Document& doc, fhir::Element& plan, const HeldPlan& held, Date today) {
  doc.append(plan, "id", held.id);
  add_profile(doc, plan, profiles::care_plan);
  doc.append(plan, "status", rules::is_active(held.plan, today) ? "active" : "completed");
  doc.append(plan, "intent", "plan");
  add_plan_category(doc, plan, held.plan.type);
  add_patient_reference(doc, plan, "subject", held.subject.nhs_number);
  add_period(doc, plan, held.plan.start, held.plan.end);
  fhir::Element& team = doc.append_item(plan, "careTeam");
  doc.append(team, "reference", relative("CareTeam", held.id));
  doc.append(team, "display", held.council.name);
}

void write_care_team(fhir::Document& doc, fhir::Element& team, const HeldPlan& held, Date today) {
  doc.append(team, "id", held.id);
  add_profile(doc, team, profiles::care_team);
  doc.append(team, "status", rules::is_active(held.plan, today) ? "active" : "inactive");
  add_plan_category(doc, team, held.plan.type);
  doc.append(team, "name", held.council.name);
  add_patient_reference(doc, team, "subject", held.subject.nhs_number);
  add_period(doc, team, held.plan.start, held.plan.end);
  fhir::Element& responsible = doc.append_item(team, "managingOrganization");
  doc.append(responsible, "reference", relative("Organization", held.council.ods_code));
  doc.append(responsible, "display", held.council.name);
  add_phone(doc, team, held.council.office_phone, "work");
  add_phone(doc, team, held.council.emergency_phone, "mobile");
}

void write_council(fhir::Document& doc, fhir::Element& organisation, const Council& council) {
  doc.append(organisation, "id", council.ods_code);
  add_identifier(doc, organisation, "identifier", true, systems::ods_organisation,
                 council.ods_code);
  doc.append(organisation, "active", "true", fhir::Kind::boolean);
  doc.append(organisation, "name", council.name);
  add_phone(doc, organisation, council.office_phone, "work");
  add_phone(doc, organisation, council.emergency_phone, "mobile");
}

}  // namespace cpis::fhir_r4
