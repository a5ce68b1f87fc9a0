#include "fhir/issues.h"

#include <boost/test/unit_test.hpp>

using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(issues_tests)

BOOST_AUTO_TEST_CASE(a_full_list_still_counts_what_it_drops) {
  Issues issues{2};
  issues.add({Severity::warning, IssueCode::value, "Patient", 1, 1, "a", "first"});
  issues.add({Severity::information, IssueCode::informational, "Patient", 1, 1, "b", "second"});
  BOOST_TEST(issues.ok());
  issues.add({Severity::error, IssueCode::structure, "Patient", 1, 1, "c", "third"});
  BOOST_TEST(!issues.ok());
  BOOST_TEST(issues.size() == 2U);
  BOOST_TEST(issues.dropped() == 1U);
  issues.clear();
  BOOST_TEST(issues.ok());
}

BOOST_AUTO_TEST_CASE(codes_are_written_as_fhir_writes_them) {
  BOOST_TEST(name_of(Severity::information) == "information");
  BOOST_TEST(name_of(IssueCode::not_supported) == "not-supported");
  BOOST_TEST(name_of(IssueCode::code_invalid) == "code-invalid");
  BOOST_TEST(name_of(IssueCode::business_rule) == "business-rule");
}

BOOST_AUTO_TEST_SUITE_END()
