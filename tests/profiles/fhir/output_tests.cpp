#include <boost/test/unit_test.hpp>
#include <string>

#include "adapters/fhir_r4/access_mapper.h"
#include "adapters/fhir_r4/outcome_mapper.h"
#include "adapters/fhir_r4/patient_mapper.h"
#include "adapters/fhir_r4/plan_mapper.h"
#include "adapters/fhir_r4/searchset.h"
#include "fhir/json/reader.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "profiles/fhir/artefacts.h"
#include "profiles/fhir/product_package.h"

using namespace cpis;

namespace {

NhsNumber number(std::string_view digits) { return NhsNumber::parse(digits).value(); }
constexpr Date day(int year, unsigned month, unsigned of_month) {
  return Date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{of_month}};
}
constexpr Date today = day(2026, 1, 5);

HeldPlan held_plan(PlanType type) {
  HeldPlan held{.plan = {.type = type, .start = {day(2025, 3, 1), 0}, .end = {}, .deleted = {}},
                .council = {"XXX", "Anyshire County Council", "01632960100", "01632960199"},
                .subject = {.nhs_number = number("9990000018"),
                            .local_id = {},
                            .local_id_authority = {},
                            .name = {},
                            .birth_date = {},
                            .is_mother = type == PlanType::ucp},
                .recorded = parse_iso_time("2025-03-02T10:00:00Z").value(),
                .id = "0f5b2c4e"};
  return held;
}

AccessEvent access_event() {
  Caller by;
  by.organisation_code = "RXX";
  by.organisation_name = "Anyshire Hospitals";
  by.role_code = "R8001";
  by.role_name = "Nurse Access Role";
  by.person_name = "Sam Testing";
  by.user_id = "555000111222";
  return {"A1B2C3D4-0000-4000-8000-000000000001", parse_iso_time("2026-01-05T09:00:00Z").value(),
          number("9990000018"), by};
}

/// Findings of severity error against the profile, one line each.
std::string findings(fhir::Document& document, std::string_view profile) {
  static const fhir::Terminology codes{profiles::product_definitions()};
  static fhir::Validator validator{profiles::product_definitions(), &codes};
  fhir::ValidateOptions options;
  options.profiles.emplace_back(profile);
  options.declared_profiles = false;
  fhir::Issues issues;
  validator.validate(document, issues, options);
  std::string text;
  for (const fhir::Issue& issue : issues) {
    if (issue.severity > fhir::Severity::error) continue;
    text += issue.path + ": " + issue.diagnostics + '\n';
  }
  return text;
}

using WritePlan = void (*)(fhir::Document&, fhir::Element&, const HeldPlan&, Date);

std::string plan_findings(WritePlan write, std::string_view type, const HeldPlan& held,
                          std::string_view profile) {
  fhir::Document document;
  write(document, document.set_root(type), held, today);
  return findings(document, profile);
}

}  // namespace

// What the product sends must be what the product promises. A finding here is a bug in one of them.
BOOST_AUTO_TEST_SUITE(output_tests)

BOOST_AUTO_TEST_CASE(every_kind_of_plan_conforms) {
  for (const PlanType type : {PlanType::cpp, PlanType::lac, PlanType::ucp}) {
    for (const bool ended : {false, true}) {
      HeldPlan held = held_plan(type);
      if (ended) held.plan.end = PlanDate{day(2025, 9, 1), 30};
      BOOST_TEST(plan_findings(fhir_r4::write_flag, "Flag", held, profiles::flag_profile) == "");
      BOOST_TEST(plan_findings(fhir_r4::write_care_plan, "CarePlan", held,
                               profiles::care_plan_profile) == "");
      BOOST_TEST(plan_findings(fhir_r4::write_care_team, "CareTeam", held,
                               profiles::care_team_profile) == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_council_conforms) {
  fhir::Document document;
  fhir_r4::write_council(document, document.set_root("Organization"),
                         held_plan(PlanType::cpp).council);
  BOOST_TEST(findings(document, profiles::council_profile) == "");
}

BOOST_AUTO_TEST_CASE(an_access_and_its_accessor_conform) {
  fhir::Document event;
  fhir_r4::write_access(event, event.set_root("AuditEvent"), access_event());
  BOOST_TEST(findings(event, profiles::access_profile) == "");
  fhir::Document role;
  fhir_r4::write_accessor(role, role.set_root("PractitionerRole"), access_event());
  BOOST_TEST(findings(role, profiles::accessor_profile) == "");
}

BOOST_AUTO_TEST_CASE(a_patient_conforms_shielded_or_merged) {
  PatientIdentity identity;
  identity.nhs_number = number("9990000018");
  identity.local_ids.push_back({"RXX", "H123", "MR"});
  PatientDetails details;
  details.names.push_back({"Testing", {"Ann"}, "", "", "official"});
  details.birth_date = day(2019, 3, 1);
  details.sex = Sex::female;
  details.telecoms.push_back({"phone", "01632960001", "home"});
  fhir::Document patient;
  fhir_r4::write_patient(patient, patient.set_root("Patient"), "9990000018", identity, details);
  BOOST_TEST(findings(patient, profiles::patient_profile) == "");
  details.shielded = true;
  fhir_r4::write_patient(patient, patient.set_root("Patient"), "9990000018", identity, details);
  BOOST_TEST(findings(patient, profiles::patient_profile) == "");
  fhir_r4::write_replaced_patient(patient, patient.set_root("Patient"), "h-1", "9990000018");
  BOOST_TEST(findings(patient, profiles::patient_profile) == "");
}

BOOST_AUTO_TEST_CASE(an_encounter_conforms_in_every_class) {
  for (std::size_t index = 0; index < 9; ++index) {
    VisitDetails visit;
    visit.number = "V1";
    visit.patient_class = static_cast<PatientClass>(index);
    visit.started = parse_iso_time("2026-01-05T08:00:00Z");
    visit.reason = "Fall";
    fhir_r4::EncounterContext context;
    context.id = "e1";
    context.patient_id = "9990000018";
    context.organisation_ods = "RXX";
    context.state = VisitState::in_progress;
    fhir::Document encounter;
    fhir_r4::write_encounter(encounter, encounter.set_root("Encounter"), context, visit);
    BOOST_TEST(findings(encounter, profiles::encounter_profile) == "");
  }
}

BOOST_AUTO_TEST_CASE(an_answer_with_flag_plan_and_council_conforms) {
  const HeldPlan held = held_plan(PlanType::cpp);
  fhir::Document bundle;
  fhir_r4::Searchset answer{bundle, "http://127.0.0.1/FHIR/R4",
                            "http://127.0.0.1/FHIR/R4/Flag?patient=9990000018",
                            "2026-01-05T09:00:00.000Z"};
  fhir_r4::write_flag(bundle, answer.match("Flag", held.id), held, today);
  fhir_r4::write_care_plan(bundle, answer.include("CarePlan", held.id), held, today);
  answer.finish(1);
  BOOST_TEST(findings(bundle, profiles::searchset_profile) == "");
}

BOOST_AUTO_TEST_CASE(an_outcome_conforms_to_r4) {
  fhir::Document outcome;
  fhir_r4::OutcomeIssue issue;
  issue.severity = "error";
  issue.code = "invalid";
  issue.detail_code = "INVALID_SEARCH_DATA";
  issue.diagnostics = "Invalid NHS number";
  fhir_r4::write_outcome(outcome, issue);
  BOOST_TEST(findings(outcome, "http://hl7.org/fhir/StructureDefinition/OperationOutcome") == "");
}

// The profiles must refuse what they are there to refuse.
BOOST_AUTO_TEST_CASE(a_flag_that_breaks_the_promise_is_found) {
  const auto broken = [](auto change) {
    fhir::Document document;
    fhir_r4::write_flag(document, document.set_root("Flag"), held_plan(PlanType::cpp), today);
    change(document, document.root());
    return findings(document, profiles::flag_profile);
  };
  using fhir::Document;
  using fhir::Element;
  BOOST_TEST(broken([](Document&, Element&) {}) == "");
  BOOST_TEST(broken([](Document& document, Element& flag) {
               document.set(flag, "status", "entered-in-error");
             }) != "");
  BOOST_TEST(
      broken([](Document& document, Element& flag) { document.remove_all(flag, "period"); }) != "");
  BOOST_TEST(broken([](Document& document, Element& flag) {
               document.remove_all(flag, "contained");
             }) != "");
  BOOST_TEST(broken([](Document& document, Element& flag) {
               document.remove_all(flag, "extension");
             }) != "");
  BOOST_TEST(broken([](Document& document, Element& flag) {
               Element& code = document.get_or_append(flag, "code");
               for (const Element& coding : code.children("coding")) {
                 if (coding.value_of("system") != "http://snomed.info/sct") continue;
                 document.set(document.edit(coding), "code", "22298006");
                 break;
               }
             }) != "");
  BOOST_TEST(broken([](Document& document, Element& flag) {
               Element& subject = document.get_or_append(flag, "subject");
               document.set(document.get_or_append(subject, "identifier"), "value", "999 000 0018");
             }) != "");
}

BOOST_AUTO_TEST_CASE(our_own_artefacts_are_valid_r4) {
  static const fhir::Terminology codes{profiles::product_definitions()};
  fhir::Validator validator{profiles::product_definitions(), &codes};
  for (const profiles::Artefact& one : profiles::artefacts()) {
    fhir::Document document;
    fhir::Issues issues;
    BOOST_REQUIRE(fhir::json::read_view(one.json, document, issues));
    validator.validate(document, issues);
    for (const fhir::Issue& issue : issues) {
      if (issue.severity > fhir::Severity::error) continue;
      BOOST_ERROR(one.type << '/' << one.id << ' ' << issue.path << ": " << issue.diagnostics);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
