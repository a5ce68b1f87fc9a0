#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/json/reader.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(profile_tests)

namespace {

std::string profile(std::string_view name, std::string_view type, std::string_view elements) {
  std::string text =
      R"({"resourceType":"StructureDefinition","status":"active","fhirVersion":"4.0.1",)"
      R"("kind":"resource","abstract":false,"derivation":"constraint",)";
  text += R"("url":"http://example.org/)" + std::string{name} + R"(","name":"X","type":")";
  text += std::string{type} + R"(","baseDefinition":"http://hl7.org/fhir/StructureDefinition/)";
  text += std::string{type} + R"(","differential":{"element":[)" + std::string{elements} + "]}}";
  return text;
}

/// A sentence a profile: what each of them asks for stands in the cases below.
std::vector<std::string> profiles() {
  return {
      profile("values", "Patient",
              R"({"id":"Patient.active","path":"Patient.active","min":1,"fixedBoolean":true},)"
              R"({"id":"Patient.maritalStatus","path":"Patient.maritalStatus",)"
              R"("patternCodeableConcept":{"coding":[{"system":"http://s","code":"M"}]}},)"
              R"({"id":"Patient.birthDate","path":"Patient.birthDate",)"
              R"("minValueDate":"2000-01-01","maxValueDate":"2020-12-31"},)"
              R"({"id":"Patient.name","path":"Patient.name","max":"2"},)"
              R"({"id":"Patient.name.family","path":"Patient.name.family","maxLength":5},)"
              R"({"id":"Patient.photo","path":"Patient.photo","max":"0"})"),
      profile("by-value", "Patient",
              R"({"id":"Patient.identifier","path":"Patient.identifier","slicing":)"
              R"({"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},)"
              R"({"id":"Patient.identifier:number","path":"Patient.identifier",)"
              R"("sliceName":"number","min":1,"max":"1"},)"
              R"({"id":"Patient.identifier:number.system","path":"Patient.identifier.system",)"
              R"("min":1,"fixedUri":"http://number"},)"
              R"({"id":"Patient.identifier:number.value","path":"Patient.identifier.value",)"
              R"("min":1})"),
      profile("closed", "Patient",
              R"({"id":"Patient.contact","path":"Patient.contact","slicing":{"discriminator":)"
              R"([{"type":"pattern","path":"relationship"}],"ordered":true,"rules":"closed"}},)"
              R"({"id":"Patient.contact:a","path":"Patient.contact","sliceName":"a"},)"
              R"({"id":"Patient.contact:a.relationship","path":"Patient.contact.relationship",)"
              R"("patternCodeableConcept":{"text":"a"}},)"
              R"({"id":"Patient.contact:b","path":"Patient.contact","sliceName":"b"},)"
              R"({"id":"Patient.contact:b.relationship","path":"Patient.contact.relationship",)"
              R"("patternCodeableConcept":{"text":"b"}})"),
      profile("by-type", "Bundle",
              R"({"id":"Bundle.entry","path":"Bundle.entry","slicing":{"discriminator":)"
              R"([{"type":"type","path":"resource"}],"rules":"openAtEnd"}},)"
              R"({"id":"Bundle.entry:patient","path":"Bundle.entry","sliceName":"patient",)"
              R"("min":1,"max":"1"},)"
              R"({"id":"Bundle.entry:patient.resource","path":"Bundle.entry.resource","min":1,)"
              R"("type":[{"code":"Patient"}]})"),
      profile("by-target", "List",
              R"({"id":"List.entry","path":"List.entry","slicing":{"discriminator":)"
              R"_([{"type":"type","path":"item.resolve()"}],"rules":"open"}},)_"
              R"({"id":"List.entry:flag","path":"List.entry","sliceName":"flag","max":"1"},)"
              R"({"id":"List.entry:flag.item","path":"List.entry.item","type":[{"code":)"
              R"("Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Flag"]}]})"),
      profile("by-exists", "Patient",
              R"({"id":"Patient.telecom","path":"Patient.telecom","slicing":{"discriminator":)"
              R"([{"type":"exists","path":"period"}],"rules":"open"}},)"
              R"({"id":"Patient.telecom:old","path":"Patient.telecom","sliceName":"old",")"
              R"(max":"1"},)"
              R"({"id":"Patient.telecom:old.period","path":"Patient.telecom.period","min":1},)"
              R"({"id":"Patient.telecom:now","path":"Patient.telecom","sliceName":"now"},)"
              R"({"id":"Patient.telecom:now.period","path":"Patient.telecom.period","max":"0"})"),
      profile("by-profile", "Bundle",
              R"({"id":"Bundle.entry","path":"Bundle.entry","slicing":{"discriminator":)"
              R"([{"type":"profile","path":"resource"}],"rules":"open"}},)"
              R"({"id":"Bundle.entry:good","path":"Bundle.entry","sliceName":"good","min":1},)"
              R"({"id":"Bundle.entry:good.resource","path":"Bundle.entry.resource","min":1,)"
              R"("type":[{"code":"Patient","profile":["http://example.org/values"]}]})"),
      profile("invariant", "Patient",
              R"({"id":"Patient","path":"Patient","constraint":[{"key":"x-1","severity":"error",)"
              R"("human":"a name or an identifier","expression":"name.exists() or )"
              R"_(identifier.exists()"}]})_"),
  };
}

std::vector<std::string> further_profiles() {
  return {
      profile("re-sliced", "Patient",
              R"({"id":"Patient.telecom","path":"Patient.telecom","slicing":{"discriminator":)"
              R"([{"type":"value","path":"system"}],"rules":"open"}},)"
              R"({"id":"Patient.telecom:phone","path":"Patient.telecom","sliceName":"phone",)"
              R"("slicing":{"discriminator":[{"type":"value","path":"use"}],"rules":"closed"}},)"
              R"({"id":"Patient.telecom:phone.system","path":"Patient.telecom.system","min":1,)"
              R"("fixedCode":"phone"},)"
              R"({"id":"Patient.telecom:phone/home","path":"Patient.telecom",)"
              R"("sliceName":"phone/home","min":1,"max":"1"},)"
              R"({"id":"Patient.telecom:phone/home.use","path":"Patient.telecom.use","min":1,)"
              R"("fixedCode":"home"},)"
              R"({"id":"Patient.telecom:phone/work","path":"Patient.telecom",)"
              R"("sliceName":"phone/work","min":0,"max":"*"},)"
              R"({"id":"Patient.telecom:phone/work.use","path":"Patient.telecom.use","min":1,)"
              R"("fixedCode":"work"})"),
      profile("length", "Observation",
              R"({"id":"Observation.valueQuantity","path":"Observation.valueQuantity",)"
              R"("minValueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"cm"},)"
              R"("maxValueQuantity":{"value":2.0,"system":"http://unitsofmeasure.org",)"
              R"("code":"m"}})"),
  };
}

const Definitions& definitions() {
  static const Definitions made = [] {
    Issues issues;
    Package package;
    for (const std::string& text : profiles()) package.add_file("p.json", text, issues);
    for (const std::string& text : further_profiles()) package.add_file("p.json", text, issues);
    std::vector<Package> packages;
    packages.push_back(std::move(package));
    Definitions all{std::move(packages), issues};
    for (const Issue& issue : issues) BOOST_TEST_MESSAGE(issue.rule + issue.diagnostics);
    BOOST_TEST(issues.ok());
    return all;
  }();
  return made;
}

struct Case {
  std::string_view profile;
  std::string_view text;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"values", R"({"resourceType":"Patient","active":true})", "", "all that is asked"},
    {"values", R"({"resourceType":"Patient"})", "Patient.active cardinality-min; ",
     "a required element is missing"},
    {"values", R"({"resourceType":"Patient","active":false})", "Patient.active fixed; ",
     "not the fixed value"},
    {"values",
     R"({"resourceType":"Patient","active":true,"maritalStatus":{"text":"x",)"
     R"("coding":[{"code":"z"},{"system":"http://s","code":"M","display":"d"}]}})",
     "", "more than the pattern"},
    {"values",
     R"({"resourceType":"Patient","active":true,"maritalStatus":{"coding":[{"code":"M"}]}})",
     "Patient.maritalStatus pattern; ", "less than the pattern"},
    {"values", R"({"resourceType":"Patient","active":true,"birthDate":"1999-12-31"})",
     "Patient.birthDate min-value; ", "before the first day"},
    {"values", R"({"resourceType":"Patient","active":true,"birthDate":"2021"})",
     "Patient.birthDate max-value; ", "after the last day"},
    {"values", R"({"resourceType":"Patient","active":true,"name":[{"family":"Sixsix"}]})",
     "Patient.name[0].family max-length; ", "too long"},
    {"values",
     R"({"resourceType":"Patient","active":true,"name":[{"text":"a"},{"text":"b"},{"text":"c"}]})",
     "Patient.name[2] cardinality-max; ", "once too often"},
    {"values", R"({"resourceType":"Patient","active":true,"photo":[{"title":"x"}]})",
     "Patient.photo[0] cardinality-max; ", "what the profile forbids"},
    {"by-value",
     R"({"resourceType":"Patient","identifier":[{"system":"http://other","value":"1"},)"
     R"({"system":"http://number","value":"1"}]})",
     "", "the slice and another"},
    {"by-value", R"({"resourceType":"Patient","identifier":[{"system":"http://number"}]})",
     "Patient.identifier[0].value cardinality-min; ", "the slice lacks its value"},
    {"by-value", R"({"resourceType":"Patient"})", "Patient.identifier slice-min; ",
     "no identifier at all"},
    {"by-value", R"({"resourceType":"Patient","identifier":[{"system":"http://other"}]})",
     "Patient.identifier slice-min; ", "only another"},
    {"by-value",
     R"({"resourceType":"Patient","identifier":[{"system":"http://number","value":"1"},)"
     R"({"system":"http://number","value":"2"}]})",
     "Patient.identifier slice-max; ", "the slice twice"},
    {"closed",
     R"({"resourceType":"Patient","contact":[{"relationship":[{"text":"a"}],"name":{"text":"n"}},)"
     R"({"relationship":[{"text":"b"}],"name":{"text":"n"}}]})",
     "", "both in order"},
    {"closed",
     R"({"resourceType":"Patient","contact":[{"relationship":[{"text":"b"}],"name":{"text":"n"}},)"
     R"({"relationship":[{"text":"a"}],"name":{"text":"n"}}]})",
     "Patient.contact[1] slice-order; ", "both out of order"},
    {"closed",
     R"({"resourceType":"Patient","contact":[{"relationship":[{"text":"c"}],"name":{"text")"
     R"(:"n"}}]})",
     "Patient.contact[0] slice-closed; ", "what is no slice"},
    {"by-type",
     R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)"
     R"({"resourceType":"Basic","code":{"text":"x"}}},{"resource":{"resourceType":"Patient"}}]})",
     "Bundle.entry[1] slice-order; ", "the rest must come last"},
    {"by-type",
     R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)"
     R"({"resourceType":"Basic","code":{"text":"x"}}}]})",
     "Bundle.entry slice-min; ", "no patient"},
    {"by-target",
     R"({"resourceType":"List","status":"current","mode":"working","entry":[)"
     R"({"item":{"reference":"Flag/1"}},{"item":{"reference":"Flag/2"}},)"
     R"({"item":{"reference":"Patient/2"}}]})",
     "List.entry slice-max; ", "two references to the same type"},
    {"by-exists",
     R"({"resourceType":"Patient","telecom":[{"system":"phone","value":"1","period":{"start":)"
     R"("2019"}},{"system":"phone","value":"2"},{"system":"phone","value":"3"}]})",
     "", "one old and two present"},
    {"by-exists",
     R"({"resourceType":"Patient","telecom":[{"system":"phone","value":"1","period":{"start":)"
     R"("2019"}},{"system":"phone","value":"2","period":{"start":"2019"}}]})",
     "Patient.telecom slice-max; ", "two old"},
    {"by-profile",
     R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)"
     R"({"resourceType":"Patient"}},{"resource":{"resourceType":"Patient","active":true}}]})",
     "", "one of the two conforms"},
    {"by-profile",
     R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)"
     R"({"resourceType":"Patient"}}]})",
     "Bundle.entry slice-min; ", "none conforms"},
    {"re-sliced",
     R"({"resourceType":"Patient","telecom":[{"system":"phone","use":"work","value":"1"},)"
     R"({"system":"phone","use":"home","value":"2"},{"system":"phone","use":"work",)"
     R"("value":"3"},{"system":"email","value":"4"}]})",
     "", "the slices of a slice count over all of its members"},
    {"re-sliced", R"({"resourceType":"Patient","telecom":[{"system":"email","value":"4"}]})", "",
     "no member, no demand of the slices inside"},
    {"re-sliced",
     R"({"resourceType":"Patient","telecom":[{"system":"phone","use":"work","value":"1"}]})",
     "Patient.telecom slice-min; ", "the slice inside is missing"},
    {"re-sliced",
     R"({"resourceType":"Patient","telecom":[{"system":"phone","use":"home","value":"1"},)"
     R"({"system":"phone","use":"home","value":"2"}]})",
     "Patient.telecom slice-max; ", "the slice inside is there twice"},
    {"re-sliced",
     R"({"resourceType":"Patient","telecom":[{"system":"phone","use":"home","value":"1"},)"
     R"({"system":"phone","use":"temp","value":"2"}]})",
     "Patient.telecom[1] slice-closed; ", "a member of the slice that none inside takes"},
    {"length",
     R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":)"
     R"({"value":150,"system":"http://unitsofmeasure.org","code":"cm"}})",
     "", "between the limits, in another unit"},
    {"length",
     R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":)"
     R"({"value":1,"system":"http://unitsofmeasure.org","code":"mm"}})",
     "Observation.valueQuantity min-value; ", "too short, in another unit"},
    {"length",
     R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":)"
     R"({"value":201,"system":"http://unitsofmeasure.org","code":"cm"}})",
     "Observation.valueQuantity max-value; ", "too long, in another unit"},
    {"length",
     R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":)"
     R"({"value":5,"system":"http://unitsofmeasure.org","code":"kg"}})",
     "", "what cannot be compared is not judged"},
    {"invariant", R"({"resourceType":"Patient"})", "Patient x-1; ", "the profile's own invariant"},
    {"invariant", R"({"resourceType":"Patient","name":[{"text":"x"}]})", "", "which holds"},
};

}  // namespace

BOOST_DATA_TEST_CASE(holds_instances_against_profiles, data::make(cases), c) {
  static const Terminology terminology{definitions()};
  static Validator validator{definitions(), &terminology};
  Document document;
  Issues issues;
  ValidateOptions options;
  options.profiles.push_back("http://example.org/" + std::string{c.profile});
  BOOST_TEST_CONTEXT(c.profile << ": " << c.why) {
    BOOST_REQUIRE(json::read(std::string{c.text}, document, issues));
    validator.validate(document, issues, options);
    std::string found;
    for (const Issue& issue : issues) {
      if (issue.severity <= Severity::error) found += issue.path + " " + issue.rule + "; ";
    }
    BOOST_TEST(found == c.want);
  }
}

BOOST_AUTO_TEST_CASE(what_must_be_supported_is_told_on_request) {
  static const Terminology terminology{definitions()};
  Validator validator{definitions(), &terminology};
  Document document;
  Issues issues;
  BOOST_REQUIRE(json::read(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},)"
                           R"("category":[{"coding":[{"system":)"
                           R"("http://terminology.hl7.org/CodeSystem/observation-category",)"
                           R"("code":"vital-signs"}]}],"subject":{"reference":"Patient/1"},)"
                           R"("effectiveDateTime":"2019-01-01"})",
                           document, issues));
  ValidateOptions options;
  options.profiles.push_back("http://hl7.org/fhir/StructureDefinition/vitalsigns");
  options.must_support = true;
  validator.validate(document, issues, options);
  bool told = false;
  for (const Issue& issue : issues) {
    told = told || (issue.rule == "must-support" && issue.path == "Observation.value");
  }
  BOOST_TEST(told);
}

BOOST_AUTO_TEST_SUITE_END()
