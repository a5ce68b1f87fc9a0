#include "fhir/terminology/operations.h"

#include <boost/test/unit_test.hpp>

#include "fhir/json/writer.h"
#include "tests/support/text.h"

using namespace cpis::fhir;
using cpis::test::has;

namespace {

const Terminology& terminology() {
  static const Terminology one{Definitions::r4()};
  return one;
}

std::string text_of(const TerminologyAnswer& answer) { return json::write(answer.document.root()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(operations_tests)

BOOST_AUTO_TEST_CASE(an_expansion_is_a_value_set_that_says_when_and_how_many) {
  const auto answer =
      expand_value_set(terminology(), "http://hl7.org/fhir/ValueSet/flag-status", {}, "2026-01-01");
  BOOST_TEST((answer.state == AnswerState::answered));
  const std::string text = text_of(answer);
  BOOST_TEST(has(text, R"("resourceType":"ValueSet")"));
  BOOST_TEST(has(text, R"("timestamp":"2026-01-01")"));
  BOOST_TEST(has(text, R"("total":3)"));
  BOOST_TEST(has(text, R"({"system":"http://hl7.org/fhir/flag-status","code":"active")"));
}

BOOST_AUTO_TEST_CASE(part_of_a_value_set_is_not_given_out_as_the_whole) {
  const auto answer = expand_value_set(terminology(), "http://hl7.org/fhir/ValueSet/condition-code",
                                       {}, "2026-01-01");
  BOOST_TEST((answer.state == AnswerState::unknown));
  BOOST_TEST(has(text_of(answer), "OperationOutcome"));
  BOOST_TEST(has(text_of(answer), "http://snomed.info/sct"));
}

BOOST_AUTO_TEST_CASE(unknown_has_no_result) {
  const auto unknown_system =
      validate_code(terminology(), {{}, "http://example.org/colours", "red", {}});
  BOOST_TEST((unknown_system.state == AnswerState::unknown));
  BOOST_TEST(!has(text_of(unknown_system), "result"));
  const auto unknown_set = validate_code(terminology(), {"http://example.org/set", {}, "red", {}});
  BOOST_TEST((unknown_set.state == AnswerState::not_found));
}

BOOST_AUTO_TEST_CASE(a_wrong_display_is_told_with_the_right_one) {
  const auto answer = validate_code(
      terminology(), {"http://hl7.org/fhir/ValueSet/flag-status", {}, "inactive", "Sleeping"});
  const std::string text = text_of(answer);
  BOOST_TEST(has(text, R"({"name":"result","valueBoolean":false})"));
  BOOST_TEST(has(text, R"({"name":"display","valueString":"Inactive"})"));
}

BOOST_AUTO_TEST_CASE(ids_lead_to_canonicals) {
  const Definitions& r4 = Definitions::r4();
  BOOST_TEST(canonical_of(r4, "ValueSet", "flag-status", "http://own") ==
             "http://hl7.org/fhir/ValueSet/flag-status");
  BOOST_TEST(canonical_of(r4, "CodeSystem", "flag-category", "http://own") ==
             "http://terminology.hl7.org/CodeSystem/flag-category");
  BOOST_TEST(canonical_of(r4, "ValueSet", "none", "http://own").empty());
}

BOOST_AUTO_TEST_SUITE_END()
