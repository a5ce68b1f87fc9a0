#include "adapters/fhir_r4/v2_map/overlay.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/understanding.h"
#include "fhir/definitions/definitions.h"
#include "fhir/json/writer.h"
#include "profiles/v2_to_fhir/v2_tables.h"
#include "tests/support/golden.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::fhir_r4::v2;

BOOST_AUTO_TEST_SUITE(overlay_tests)

namespace {

Tables published() {
  Tables tables;
  for (const profiles::V2Table& table : profiles::v2_tables())
    BOOST_REQUIRE(tables.add(table.json));
  return tables;
}

std::string faults_of(std::string_view json) {
  Tables tables = published();
  Findings findings;
  const bool good = add_overlay(tables, json, fhir::Definitions::r4().types(), findings);
  BOOST_TEST(good == findings.empty());
  std::string text;
  for (const Finding& one : findings) {
    text += std::to_string(one.line) + ": " + one.field + ": " + one.text + '\n';
  }
  return text;
}

fhir::Document converted(const Tables& tables, std::string_view message) {
  const hl7v2::FeedSettings feed;
  const hl7v2::Understanding read = hl7v2::understand(message, feed);
  BOOST_REQUIRE(read.event.has_value());
  ConversionContext context;
  context.recorded = *parse_iso_time("2026-01-05T10:20:00Z");
  Findings findings;
  return convert(hl7v2::MessageFields{*read.message, feed}, *read.event, tables, context, findings);
}

constexpr std::string_view message =
    "MSH|^~\\&|PAS|RXX|ROUTE|ROUTE|202601051015||ADT^A04^ADT_A01|1|P|2.4\rEVN||202601051015\r"
    "PID|1||9991000003^^^NHS||OAK^FERN||20190401|2\r"
    "PV1|1|E|ED^MINORS|||||||180|||||||||ED0001\rPV2|||Fell\r";

struct Case {
  std::string_view json;
  std::string_view fault;  // empty: can be used
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {R"({"conceptMaps": [{"name": "TreatmentFunction", "codes": [
        {"from": "190", "code": "190"}]}]})",
     "", "one code more"},
    {R"({"comment": "why", "resources": [{"key": "encounter", "extend": true, "rules": [
        {"to": "reasonCode[]", "from": "OBX-5", "as": "CodeableConcept", "replace": true},
        {"to": "reasonCode[]", "from": "PV2-12", "as": "CodeableConcept", "replace": true}]}]})",
     "", "two rules in place of one"},
    {"{\n\"resources\": [{\"key\": \"encounter\", \"extend\": true, \"rules\": [\n"
     "{\"to\": \"reasonCod[]\", \"from\": \"OBX-5\", \"as\": \"CodeableConcept\"}]}]}",
     "3: encounter: reasonCod[]: `reasonCod` is not an element there\n", "an element of no name"},
    {R"({"resources": [{"key": "encounter", "extend": true, "rules": [
        {"to": "reasonCode", "from": "OBX-5", "as": "CodeableConcept"}]}]})",
     "2: encounter: reasonCode: `reasonCode` is a list: write reasonCode[]\n", "a list"},
    {R"({"resources": [{"key": "encounter", "extend": true, "rules": [
        {"to": "status", "from": "OBX-5", "as": "CodeableConcept"}]}]})",
     "2: encounter: status: is not what `as` makes: CodeableConcept\n", "a code is no concept"},
    {R"({"resources": [{"key": "patient", "extend": true, "rules": [
        {"to": "multipleBirthInteger", "from": "PID-25.1"}]}]})",
     "2: patient: multipleBirthInteger: cannot hold a string\n", "a number is no text"},
    {R"({"resources": [{"key": "encounter", "extend": true, "rules": [
        {"to": "class", "from": "@klass", "as": "Coding", "map": "EncounterKlass"}]}]})",
     "2: encounter: `@klass` is not a fact that is known\n"
     "2: encounter: class: there is no concept map EncounterKlass\n",
     "names that nothing answers to"},
    {R"({"conceptMaps": [{"name": "NameUses", "codes": [{"from": "L", "code": "usual"}]}]})",
     "1: NameUses: no rule uses this concept map\n", "a map that nobody reads"},
    {R"({"conceptMaps": [{"name": "NameUse", "codes": [{"from": "legal", "code": "official"}]}]})",
     "1: conceptMaps[0].codes[0]: `from` is compared in capitals: write it so\n",
     "a row that never fits"},
    {R"({"datatypes": [{"name": "XPN", "rules": [{"to": "family", "from": "1.1"},
        {"to": "given", "from": "2"}]}]})",
     "2: XPN: given: `given` is a list: write given[]\n"
     "2: XPN: given: `given` is a list: write given[]\n"
     "2: XPN: given: `given` is a list: write given[]\n",
     "a datatype is looked at wherever it is used"},
    {R"({"datatypes": [{"name": "Mine", "rules": [
        {"to": "extension[]", "from": "1", "as": "Mine"}]}],
        "resources": [{"key": "patient", "extend": true, "rules": [
        {"to": "extension[]", "from": "PID-22", "as": "Mine"}]}]})",
     "2: Mine: extension[]: the datatype Mine goes in circles\n", "a circle"},
    {R"({"resources": [{"key": "patient", "extend": true, "rules": [
        {"to": "extension[].valueAddress.text", "from": "PID-11.1"}]}]})",
     "2: patient: extension[].valueAddress.text: tells where somebody lives or is: say "
     "\"locates\": true\n",
     "an address by another name"},
    {R"({"datatypes": [{"name": "Lives", "rules": [{"to": "valueString", "from": "PID-11.1"}]}],
        "resources": [{"key": "patient", "extend": true, "rules": [
        {"to": "extension[]", "from": "PID-22", "as": "Lives"}]}]})",
     "1: Lives: valueString: tells where somebody lives or is: say \"locates\": true\n",
     "an address inside a datatype"},
    {R"({"resources": [{"key": "home", "type": "Organization", "id": ["PID-11.1"], "rules": [
        {"to": "name", "from": "PID-11.1"}]}]})",
     "2: home: name: tells where somebody lives or is: say \"locates\": true\n",
     "an address in something that is no person"},
    {R"({"resources": [{"key": "patient", "extend": true, "locates": false}]})",
     "1: resources[0].locates: belongs to the resource that is extended and cannot be changed "
     "here\n",
     "what an extension cannot say"},
    {R"({"resources": [{"key": "related", "type": "RelatedPerson", "segment": "NK1",
        "locates": true, "id": ["NK1-2.1", "@patient_id"], "rules": [
        {"to": "patient", "reference": "patient"}]}]})",
     "1: related: would give other ids than before: a message sent again would not find what it "
     "made. Say \"newIds\": true if that is meant\n",
     "other ids by accident"},
    {R"({"resources": [{"key": "related", "type": "RelatedPerson", "segment": "NK1",
        "locates": true, "newIds": true, "id": ["NK1-2.1", "@patient_id"], "rules": [
        {"to": "patient", "reference": "patient"}]}]})",
     "", "other ids on purpose"},
    {R"({"resources": [{"key": "patient", "type": "Patient", "newIds": true, "id": ["PID-3.1"],
        "rules": [{"to": "gender", "from": "@sex", "as": "code"}]}]})",
     "1: patient: the ids of Patient and Encounter are the gateway's own\n", "whose ids they are"},
    {R"({"resources": [{"key": "device", "type": "Device", "id": ["PV1-19.1"], "rules": [
        {"to": "status", "as": "code", "value": "active"}]}]})",
     "1: device: is of a type that messages do not leave here\n", "a type that is not kept"},
    {R"({"resources": [{"key": "patient", "extend": true, "rules": [
        {"to": "active", "form": "PID-30", "value": "true", "as": "boolean"}]}]})",
     "2: resources[0].rules[0].form: is not a member that is known here\n", "a misspelt member"},
    {R"({"resources": [{"key": "patient", "extend": true, "rules": [{"to": "active"}]}]})",
     "1: resources[0].rules[0]: has not exactly one of from, value, coding and reference\n",
     "a rule without a value"},
    {R"({"resources": [{"key": "visit", "extend": true, "rules": [
        {"to": "status", "as": "code", "value": "unknown"}]}]})",
     "1: visit: extends a resource that is not there\n", "no such resource"},
    {R"({"resources": [{"key": "encounter", "extend": true, "rules": [
        {"to": "length.value", "from": "PV2-11.1", "as": "decimal", "replace": true}]}]})",
     "2: encounter: replaces a rule that is not there\n", "nothing to replace"},
    {R"({"resources": [{"key": "encounter", "extend": true, "rules": [
        {"to": "status", "from": "1.1", "as": "code"}]}]})",
     "2: encounter: status: a component, and of no field: say the segment and field too\n",
     "a component of nothing"},
    {R"({"resourceType": "ConceptMap"})", "1: ConceptMap: is no document of tables\n",
     "a FHIR resource"},
};

}  // namespace

BOOST_DATA_TEST_CASE(overlays_are_taken_or_refused_with_line_place_and_reason, data::make(cases),
                     c) {
  const std::string faults = faults_of(c.json);
  BOOST_TEST((c.fault.empty() ? faults.empty() : faults.starts_with(c.fault)), c.why << ":\n"
                                                                                     << faults);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_json_is_refused_with_its_line) {
  const std::string faults = faults_of("{\n\"conceptMaps\": [,]}");
  BOOST_TEST(faults.starts_with("2: "), faults);
}

// The shipped tables keep what is asked of a site's.
BOOST_AUTO_TEST_CASE(the_published_tables_pass_the_same_checks) {
  BOOST_TEST(faults_of("{}") == "");
}

BOOST_AUTO_TEST_CASE(a_replaced_rule_stands_where_the_old_one_stood) {
  Tables tables = published();
  Findings findings;
  BOOST_REQUIRE(add_overlay(tables, cases[1].json, fhir::Definitions::r4().types(), findings));
  const ResourceRule& encounter = *tables.find_resource("encounter");
  const auto is_reason = [](const Rule& one) { return one.to.front().name == "reasonCode"; };
  const auto first = std::ranges::find_if(encounter.rules, is_reason);
  BOOST_REQUIRE(std::ranges::count_if(encounter.rules, is_reason) == 2);
  BOOST_TEST(first->from.name == "OBX");
  BOOST_TEST((first + 1)->from.name == "PV2");
  BOOST_TEST((first + 1)->from.field == 12U);
  BOOST_TEST((first - 1)->to.front().name == "period");
}

// The example that sites begin with.
BOOST_AUTO_TEST_CASE(the_example_of_the_readme_does_what_it_says) {
  const std::string readme =
      cpis::test::read_file(std::string{CPIS_SOURCE} + "/profiles/v2_to_fhir/README.md");
  const std::size_t begin = readme.find("    {\"comment\"");
  BOOST_REQUIRE(begin != std::string::npos);
  const std::string example = readme.substr(begin, readme.find("\n\n", begin) - begin);
  Tables tables = published();
  Findings findings;
  BOOST_REQUIRE(add_overlay(tables, example, fhir::Definitions::r4().types(), findings));
  cpis::test::check_golden_cases("v2_feed_mapping", 1, [&](std::string input) {
    std::ranges::replace(input, '\n', '\r');
    return fhir::json::write(converted(tables, input).root(), {.pretty = true}) + "\n";
  });
}

// A message that is sent again must find what it made, whatever a site changed beside.
BOOST_AUTO_TEST_CASE(an_overlay_changes_values_and_no_ids) {
  Tables tables = published();
  Findings findings;
  BOOST_REQUIRE(add_overlay(tables, R"({
      "conceptMaps": [{"name": "TreatmentFunction", "codes": [
        {"from": "180", "code": "180", "display": "Emergency Medicine"}]}],
      "resources": [{"key": "encounter", "extend": true, "rules": [
        {"to": "reasonCode[].text", "from": "PV2-3.1", "replace": true}]}]})",
                            fhir::Definitions::r4().types(),
                            findings) == false);  // the target is not the same: nothing to replace
  findings.clear();
  tables = published();
  BOOST_REQUIRE(add_overlay(tables, R"({
      "conceptMaps": [{"name": "TreatmentFunction", "codes": [
        {"from": "180", "code": "180", "display": "Emergency Medicine"}]}]})",
                            fhir::Definitions::r4().types(), findings));
  const fhir::Document plain = converted(published(), message);
  const fhir::Document laid = converted(tables, message);
  BOOST_TEST(!same_content(plain.root(), laid.root()));
  const auto ids = [](const fhir::Document& bundle) {
    std::string text;
    for (const fhir::Element& entry : bundle.root().children("entry")) {
      text += std::string{entry.value_of("fullUrl")} + '\n';
    }
    return text;
  };
  BOOST_TEST(ids(plain) == ids(laid));
  BOOST_TEST(fhir::json::write(laid.root()).find("Emergency Medicine") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_resource_of_its_own_is_told_of_by_the_provenance) {
  Tables tables = published();
  Findings findings;
  BOOST_REQUIRE(add_overlay(tables, R"({"resources": [{"key": "ambulance",
      "type": "Organization", "id": ["PV1-2", "@scope"], "rules": [
      {"to": "name", "value": "Ambulance service"}]}]})",
                            fhir::Definitions::r4().types(), findings));
  const fhir::Document bundle = converted(tables, message);
  const std::string text = fhir::json::write(bundle.root());
  BOOST_TEST(text.find("Ambulance service") < text.find("\"resourceType\":\"Provenance\""));
}

BOOST_AUTO_TEST_SUITE_END()
