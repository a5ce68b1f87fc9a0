// $expand and $validate-code: what is asked how, and that unknown is never a no.
#include "gateway/fhir_api/terminology_api.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "gateway/fhir_api/routes.h"

using namespace cpis;
using fhir_api::TerminologyApi;

namespace {

struct Case {
  const char* below;
  const char* query;
  int status;
  const char* has;
  const char* why;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }
};

const TerminologyApi& api() {
  static const TerminologyApi one;
  return one;
}

http::Response ask(std::string_view below, std::string_view query, std::string body = {}) {
  const auto target = fhir_api::target_of("POST", below);
  BOOST_REQUIRE(target.route != nullptr);
  const auto parameters = http::QueryString::parse(query);
  BOOST_REQUIRE(static_cast<bool>(parameters));
  return api().run(target, *parameters, std::move(body), from_micros(0));
}

bool has(const http::Response& response, std::string_view text) {
  return response.body.find(text) != std::string_view::npos;
}

constexpr const char* flag_status = "url=http://hl7.org/fhir/ValueSet/flag-status";
constexpr const char* snomed = "system=http://snomed.info/sct";

const Case cases[] = {
    {"ValueSet/$expand", "url=http://hl7.org/fhir/ValueSet/flag-status", 200, "\"total\":3",
     "a value set of R4 by its url"},
    {"ValueSet/flag-status/$expand", "", 200, "\"entered-in-error\"", "the same by its id"},
    {"ValueSet/cpis-plan-type/$expand", "filter=looked", 200, "\"764841000000100\"",
     "one of ours, filtered"},
    {"ValueSet/flag-status/$expand", "count=1&offset=1", 200, "\"offset\":1", "a page"},
    {"ValueSet/flag-status/$expand", "count=two", 400, "count", "a count that is none"},
    {"ValueSet/$expand", "", 400, "url", "nobody says what to expand"},
    {"ValueSet/$expand", "url=http://example.org/none", 404, "not-found", "an unknown value set"},
    {"ValueSet/nothing-here/$expand", "", 404, "not-found", "an unknown id"},
    {"ValueSet/condition-code/$expand", "", 422, "http://snomed.info/sct",
     "SNOMED CT is not here: the list would not be whole"},
    {"ValueSet/flag-status/$validate-code", "code=active", 200, "\"valueBoolean\":true",
     "a code of the set"},
    {"ValueSet/flag-status/$validate-code", "code=gone", 200, "\"valueBoolean\":false",
     "none of the set"},
    {"ValueSet/flag-status/$validate-code", "code=active&display=Dormant", 200,
     "\"valueBoolean\":false", "the code by a wrong display"},
    {"ValueSet/flag-status/$validate-code", "code=active&display=ACTIVE", 200,
     "\"valueBoolean\":true", "letter case of a display does not count"},
    {"ValueSet/flag-status/$validate-code", "", 400, "code", "no code"},
    {"ValueSet/condition-code/$validate-code", "code=22298006&system=http://snomed.info/sct", 422,
     "incomplete", "nobody here knows SNOMED CT: no answer is given"},
    {"CodeSystem/$validate-code", "url=http://hl7.org/fhir/flag-status&code=active", 200,
     "\"display\"", "a code of a system"},
    {"CodeSystem/flag-status/$validate-code", "code=gone", 200, "\"valueBoolean\":false",
     "none of the system, by id"},
    {"CodeSystem/$validate-code", "url=http://example.org/colours&code=red", 422,
     "http://example.org/colours", "an unknown system is unknown"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(terminology_api_tests)

BOOST_DATA_TEST_CASE(questions_are_answered_or_refused_for_their_reason, cases, sample) {
  const http::Response response = ask(sample.below, sample.query);
  BOOST_TEST(response.status == sample.status);
  BOOST_TEST(has(response, sample.has), response.body);
}

BOOST_AUTO_TEST_CASE(a_body_of_parameters_asks_as_well) {
  const std::string concept_of = R"({"resourceType":"Parameters","parameter":[
    {"name":"url","valueUri":"https://cpis-gateway.example/fhir/ValueSet/cpis-plan-type"},
    {"name":"codeableConcept","valueCodeableConcept":{"coding":[
      {"system":"http://example.org/local","code":"x"},
      {"system":"http://snomed.info/sct","code":"342191000000101"}]}}]})";
  BOOST_TEST(has(ask("ValueSet/$validate-code", "", concept_of), "\"valueBoolean\":true"));
  const std::string coding = R"({"resourceType":"Parameters","parameter":[{"name":"coding",
    "valueCoding":{"system":"http://snomed.info/sct","code":"22298006"}}]})";
  BOOST_TEST(
      has(ask("ValueSet/cpis-plan-type/$validate-code", "", coding), "\"valueBoolean\":false"));
  const std::string own = R"({"resourceType":"Parameters","parameter":[{"name":"valueSet",
    "resource":{"resourceType":"ValueSet","status":"active"}}]})";
  BOOST_TEST(ask("ValueSet/$expand", flag_status, own).status == 400);
  BOOST_TEST(ask("ValueSet/$expand", flag_status, "{").status == 400);
  BOOST_TEST(ask("ValueSet/$expand", snomed, R"({"resourceType":"Patient"})").status == 400);
}

BOOST_AUTO_TEST_CASE(only_what_is_offered_is_an_operation) {
  BOOST_TEST(fhir_api::target_of("GET", "ValueSet/a%2Dset/$expand").id == "a-set");
  for (const char* below : {"ValueSet", "ValueSet/x", "CodeSystem/$expand", "Flag/$validate-code",
                            "ValueSet/a/b/$expand", "$expand"}) {
    BOOST_TEST(fhir_api::target_of("GET", below).route == nullptr, below);
  }
  BOOST_TEST(fhir_api::target_of("DELETE", "ValueSet/$expand").allowed == "GET, POST");
}

BOOST_AUTO_TEST_SUITE_END()
