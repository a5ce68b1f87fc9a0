#include "fhir/validate/validator.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/outcome.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(validator_tests)

namespace {

Issues validate(std::string_view text, const ValidateOptions& options = {}) {
  static const Terminology terminology{Definitions::r4()};
  static Validator validator{Definitions::r4(), &terminology};
  Document document;
  Issues issues;
  if (json::read(std::string{text}, document, issues)) {
    validator.validate(document, issues, options);
  }
  return issues;
}

std::string summary(const Issues& issues) {
  std::string text;
  for (const Issue& issue : issues) {
    if (issue.severity <= Severity::error) text += issue.path + " " + issue.rule + "; ";
  }
  return text;
}

struct Case {
  std::string_view text;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {R"({"resourceType":"Patient","id":"a","active":true,"name":[{"given":["A"]}]})", "", "good"},
    {R"({"resourceType":"Patint"})", "Patint resource-type; ", "an unknown resource"},
    {R"({"resourceType":"Patient","nmae":[{}]})", "Patient.nmae[0] unknown-element; ",
     "an unknown element"},
    {R"({"resourceType":"Patient","active":"true"})", "Patient.active type-literal; ",
     "a string where a boolean belongs"},
    {R"({"resourceType":"Patient","gender":{"x":1}})", "Patient.gender type-literal; ",
     "an object where a code belongs"},
    {R"({"resourceType":"Patient","name":["A"]})", "Patient.name[0] type-object; ",
     "a string where an object belongs"},
    {R"({"resourceType":"Patient","name":{"text":"A"}})", "Patient.name json-array; ",
     "no array where one belongs"},
    {R"({"resourceType":"Patient","gender":["male"]})", "Patient.gender json-no-array; ",
     "an array where none belongs"},
    {R"({"resourceType":"Patient","birthDate":"2019-02-30"})", "Patient.birthDate literal; ",
     "no day of the calendar"},
    {R"({"resourceType":"Patient","gender":"m"})", "Patient.gender binding-required; ",
     "a code that is not in the value set"},
    {R"({"resourceType":"Patient","name":[{}]})", "Patient.name[0] ele-1; ", "an empty element"},
    {R"({"resourceType":"Flag","status":"active","subject":{"reference":"Patient/1"}})",
     "Flag.code cardinality-min; ", "a required element is missing"},
    {R"({"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2019"})",
     "Patient.deceasedDateTime cardinality-max; ", "two of a choice"},
    {R"({"resourceType":"Patient","deceasedString":"x"})", "Patient.deceasedString choice-type; ",
     "a type that the choice does not have"},
    {R"({"resourceType":"Patient","contact":[{"gender":"male"}]})", "Patient.contact[0] pat-1; ",
     "an invariant"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":"#x"}})",
     "Patient.managingOrganization ref-1; ", "a local reference to nothing"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}})",
     "Patient.managingOrganization reference-target; ", "a reference to the wrong type"},
    {R"({"resourceType":"Patient","contained":[{"resourceType":"Flag","id":"f","status":")"
     R"(active","code":{"text":"x"},"subject":{"reference":"#"}}]})",
     "", "a contained resource that refers to its container"},
    {R"({"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o",")"
     R"(name":"x"}]})",
     "Patient.contained[0] dom-3; ", "a contained resource that nobody refers to"},
    {R"({"resourceType":"Patient","extension":[{"valueString":"x"}]})",
     "Patient.extension[0].url cardinality-min; ", "an extension without url"},
    {R"({"resourceType":"Patient","extension":[{"url":"x","valueString":"x"}]})",
     "Patient.extension[0].url extension-url; ", "an extension with a relative url"},
    {R"({"resourceType":"Patient","extension":[{"url":"http://example.org/mine",")"
     R"(valueString":"x"}]})",
     "", "somebody's own extension"},
    {R"({"resourceType":"Patient","extension":[{"url":")"
     R"(http://hl7.org/fhir/StructureDefinition/no-such","valueString":"x"}]})",
     "Patient.extension[0] extension-unknown; ", "an extension that HL7 does not define"},
    {R"({"resourceType":"Patient","modifierExtension":[{"url":"http://example.org/mine",")"
     R"(valueString":"x"}]})",
     "Patient.modifierExtension[0] extension-unknown; ", "a modifier that nobody here knows"},
    {R"({"resourceType":"Patient","birthDate":"2019-01-01","_birthDate":{"extension":[{")"
     R"(url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":")"
     R"(2019-01-01T10:00:00Z"}]}})",
     "", "an extension where it belongs"},
    {R"({"resourceType":"Patient","extension":[{"url":")"
     R"(http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":")"
     R"(2019-01-01T10:00:00Z"}]})",
     "Patient.extension[0] extension-context; ", "an extension where it does not belong"},
    {R"({"resourceType":"Patient","text":{"status":"generated","div":"<div>x</div>"}})",
     "Patient.text.div xhtml; ", "a narrative without its namespace"},
    {R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"Patient/1",")"
     R"(resource":{"resourceType":"Patient","id":"1"}}]})",
     "Bundle.entry[0].fullUrl bundle-full-url; ", "a relative fullUrl"},
    {R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":")"
     R"(Patient","gender":"x"}}]})",
     "Bundle.entry[0].resource.gender binding-required; ", "a fault inside a Bundle"},
    {R"({"resourceType":"Bundle","type":"searchset","entry":[{"fullUrl":")"
     R"(http://a/Patient/2","resource":{"resourceType":"Patient","id":"1"}}]})",
     "Bundle.entry[0].fullUrl bundle-full-url-id; ", "a fullUrl of another resource"},
    {R"({"resourceType":"Patient","name":[{"id":"a","text":"x"},{"id":"a","text":"y"}]})",
     "Patient.name[1].id duplicate-id; ", "two elements with one id"},
    {R"({"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o",")"
     R"(name":"x"},{"resourceType":"Organization","id":"o","name":"y"}],)"
     R"("managingOrganization":{"reference":"#o"}})",
     "Patient.contained[1].id duplicate-id; ", "two contained resources with one id"},
    {R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":")"
     R"(Patient","name":[{"id":"a","text":"x"}]}},{"resource":{"resourceType":"Patient",)"
     R"("name":[{"id":"a","text":"x"}]}}]})",
     "", "an id is unique in its own resource only"},
    {R"({"resourceType":"Patient","name":[{"id":"a b","text":"x"}]})",
     "Patient.name[0].id element-id; ", "the id of an element with a blank"},
    {R"({"resourceType":"Patient","name":[{"family":" \t "}]})",
     "Patient.name[0].family blank-text; ", "a name of blanks"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":"Foo/1"}})",
     "Patient.managingOrganization.reference reference-format; ", "a reference to no type"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":"organization/1"}})",
     "Patient.managingOrganization.reference reference-format; ", "a type in lower case"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":"Organization/a_b"}})",
     "Patient.managingOrganization.reference reference-format; ", "a reference to no id"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":"/Organization/1"}})",
     "Patient.managingOrganization.reference reference-format; ", "a slash at the beginning"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":)"
     R"("Organization/1/_history/"}})",
     "Patient.managingOrganization.reference reference-format; ", "a version that is none"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":)"
     R"("urn:uuid:C757873D-EC9A-4326-A141-556F43239520"}})",
     "Patient.managingOrganization.reference reference-format; ", "a UUID in capitals"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":)"
     R"("Organization?identifier=1"}})",
     "", "a conditional reference"},
    {R"({"resourceType":"Patient","managingOrganization":{"reference":)"
     R"("Organization/1/_history/2"}})",
     "", "a reference to a version"},
    {R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":)"
     R"("urn:uuid:C757873D-EC9A-4326-A141-556F43239520","resource":{"resourceType":"Patient"}}]})",
     "Bundle.entry[0].fullUrl uuid-case; ", "a fullUrl in capitals"},
    {R"({"resourceType":"Bundle","type":"collection","link":[{"relation":"self","url":)"
     R"("http://a"},{"relation":"alternate","url":"http://b"},{"relation":"self",)"
     R"("url":"http://c"}]})",
     "Bundle.link[2].relation bundle-link; ", "two pages of one relation"},
    {R"({"resourceType":"Patient","maritalStatus":{"coding":[{"system":)"
     R"("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"no-such"}]}})",
     "Patient.maritalStatus.coding[0].code coding-code; ", "a code that HL7 does not have"},
    {R"({"resourceType":"Patient","meta":{"profile":["Patient"]}})",
     "Patient.meta.profile[0] profile-absolute; ", "a profile without its place"},
    {R"({"resourceType":"Patient","meta":{"profile":[")"
     R"(http://hl7.org/fhir/StructureDefinition/Flag"]}})",
     "Patient profile-type; ", "a profile of another type"},
};

}  // namespace

BOOST_DATA_TEST_CASE(finds_what_is_wrong_and_where, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) { BOOST_TEST(summary(validate(c.text)) == c.want); }
}

BOOST_AUTO_TEST_CASE(an_unknown_element_gets_a_suggestion) {
  const Issues issues = validate(R"({"resourceType":"Patient","brithDate":"2019"})");
  BOOST_REQUIRE_EQUAL(issues.size(), 1U);
  BOOST_TEST(issues.begin()->diagnostics.find("did you mean 'birthDate'?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_display_that_is_not_the_codes_own_is_a_warning) {
  const auto with_display = [](const std::string& display, const std::string& language = "en") {
    return validate(R"({"resourceType":"Patient","language":")" + language +
                    R"(","maritalStatus":{"coding":[{"system":)"
                    R"("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M",)"
                    R"("display":")" +
                    display + R"("}]}})");
  };
  const Issues wrong = with_display("Divorced");
  BOOST_REQUIRE_EQUAL(wrong.size(), 1U);
  BOOST_TEST(wrong.begin()->rule == "coding-display");
  BOOST_TEST((wrong.begin()->severity == Severity::warning));
  BOOST_TEST(wrong.begin()->path == "Patient.maritalStatus.coding[0].display");
  BOOST_TEST(with_display("Married").empty());
  BOOST_TEST(with_display("MARRIED.").empty());
  BOOST_TEST(with_display("Verheiratet", "de").empty());
}

namespace {

/// A document whose third entry is `third`.
std::string document_with(std::string_view third) {
  return std::string{
             R"({"resourceType":"Bundle","type":"document","identifier":{"system":"http://a",)"
             R"("value":"1"},"timestamp":"2019-01-01T10:00:00Z","entry":[{"fullUrl":)"
             R"("http://a/Composition/1","resource":{"resourceType":"Composition","id":"1",)"
             R"("status":"final","type":{"text":"x"},"date":"2019","title":"x","author":[)"
             R"({"reference":"Practitioner/1"}]}},{"fullUrl":"http://a/Practitioner/1",)"
             R"("resource":{"resourceType":"Practitioner","id":"1"}},)"} +
         std::string{third} + "]}";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_document_has_nothing_that_hangs_together_with_nothing) {
  BOOST_TEST(summary(validate(document_with(
                 R"({"fullUrl":"http://a/Patient/1","resource":{"resourceType":"Patient",)"
                 R"("id":"1"}})"))) == "Bundle.entry[2] bundle-unreachable; ");
  // Refers to what belongs to the document.
  BOOST_TEST(summary(validate(document_with(
                 R"({"fullUrl":"http://a/Patient/1","resource":{"resourceType":"Patient",)"
                 R"("id":"1","generalPractitioner":[{"reference":"Practitioner/1"}]}})"))) == "");
  BOOST_TEST(summary(validate(document_with(
                 R"({"fullUrl":"http://a/Binary/1","resource":{"resourceType":"Binary",)"
                 R"("id":"1","contentType":"text/css"}})"))) == "");
}

BOOST_AUTO_TEST_CASE(a_bare_reference_is_doubtful_and_in_a_bundle_leads_nowhere) {
  const Issues alone =
      validate(R"({"resourceType":"Patient","managingOrganization":{"reference":"x"}})");
  BOOST_REQUIRE_EQUAL(alone.size(), 1U);
  BOOST_TEST((alone.begin()->severity == Severity::warning));
  BOOST_TEST(alone.begin()->rule == "reference-format");
  BOOST_TEST(summary(validate(
                 R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{)"
                 R"("resourceType":"Patient","managingOrganization":{"reference":"x"}}}]})")) ==
             "Bundle.entry[0].resource.managingOrganization.reference reference-format; ");
}

BOOST_AUTO_TEST_CASE(a_vital_sign_is_held_against_its_profile_by_its_code) {
  const std::string text =
      R"({"resourceType":"Observation","meta":{"profile":[")"
      R"(http://hl7.org/fhir/StructureDefinition/bodyheight"]},)"
      R"("status":"final","category":[{"coding":[{"system":")"
      R"(http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs")"
      R"(}]}],)"
      R"("code":{"coding":[{"system":"http://loinc.org","code":"8302-2"}]},"subject":{")"
      R"(reference":"Patient/1"},)"
      R"("effectiveDateTime":"2019-01-01","valueQuantity":{"value":1.5,"unit":"m","system")"
      R"(:"http://unitsofmeasure.org","code":"CODE"}})";
  std::string good = text;
  good.replace(good.find("CODE"), 4, "cm");
  BOOST_TEST(summary(validate(good)) == "");
  std::string bad = text;
  bad.replace(bad.find("CODE"), 4, "kg");
  BOOST_TEST(!validate(bad).ok());
  ValidateOptions options;
  options.declared_profiles = false;
  BOOST_TEST(!validate(bad, options).ok());
  options.structure_only = true;
  BOOST_TEST(validate(bad, options).ok());
}

BOOST_AUTO_TEST_CASE(structure_alone_does_not_look_at_codes) {
  ValidateOptions options;
  options.structure_only = true;
  BOOST_TEST(validate(R"({"resourceType":"Patient","gender":"m"})", options).ok());
  BOOST_TEST(!validate(R"({"resourceType":"Patient","birthDate":"x"})", options).ok());
}

BOOST_AUTO_TEST_CASE(a_policy_decides_about_severity) {
  ValidateOptions options;
  options.policy =
      Policy{{{"binding-required", "", "http://hl7.org/fhir/ValueSet/administrative-gender",
               "Patient.gender", Severity::warning},
              {"pat-1", "", "", "", std::nullopt}}};
  const Issues issues =
      validate(R"({"resourceType":"Patient","gender":"m","contact":[{"gender":"male"}]})", options);
  BOOST_TEST(issues.ok());
  BOOST_REQUIRE_EQUAL(issues.size(), 1U);
  BOOST_TEST((issues.begin()->severity == Severity::warning));
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_asked_for_and_unknown_is_an_error) {
  ValidateOptions options;
  options.profiles.push_back("http://example.org/none");
  BOOST_TEST(summary(validate(R"({"resourceType":"Patient"})", options)) ==
             "Patient profile-unknown; ");
}

BOOST_AUTO_TEST_CASE(findings_become_a_valid_operation_outcome) {
  for (const char* text :
       {R"({"resourceType":"Patient","gender":"m","x":1})", R"({"resourceType":"Patient"})",
        R"({"resourceType":"Patient","a\fb\u001b[2J":1})"}) {
    const Document outcome = to_operation_outcome(validate(text));
    BOOST_TEST(summary(validate(json::write(outcome.root()))) == "");
    BOOST_TEST(outcome.root().resource_type() == "OperationOutcome");
  }
}

BOOST_AUTO_TEST_CASE(control_characters_of_foreign_names_do_not_reach_a_terminal) {
  const Issues issues = validate(R"({"resourceType":"Patient","a\fb\u001b[2J":1})");
  BOOST_REQUIRE(!issues.empty());
  for (const Issue& issue : issues) {
    for (const std::string* text : {&issue.path, &issue.diagnostics}) {
      BOOST_TEST(text->find_first_of("\f\x1b") == std::string::npos);
    }
  }
  BOOST_TEST(issues.begin()->diagnostics.find("a\\u000cb\\u001b[2J") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_terminology_bindings_are_said_to_be_unchecked) {
  Validator validator{Definitions::r4()};
  Document document;
  Issues issues;
  BOOST_REQUIRE(json::read(R"({"resourceType":"Patient","gender":"m"})", document, issues));
  validator.validate(document, issues);
  BOOST_TEST(issues.ok());
  BOOST_REQUIRE_EQUAL(issues.size(), 1U);
  BOOST_TEST(issues.begin()->rule == "binding-unchecked");
}

BOOST_AUTO_TEST_CASE(a_copy_validates_like_the_original) {
  const Terminology terminology{Definitions::r4()};
  const Validator original{Definitions::r4(), &terminology};
  Validator copy{original};
  Document document;
  Issues issues;
  BOOST_REQUIRE(json::read(R"({"resourceType":"Patient","gender":"m"})", document, issues));
  copy.validate(document, issues);
  BOOST_TEST(summary(issues) == "Patient.gender binding-required; ");
}

BOOST_AUTO_TEST_SUITE_END()
