#include "adapters/social_care/exception_report.h"

#include <boost/test/unit_test.hpp>

#include "adapters/social_care/json/json_tree.h"

namespace sc = cpis::social_care;
using cpis::Finding;
using cpis::Severity;

BOOST_AUTO_TEST_SUITE(exception_report_tests)

BOOST_AUTO_TEST_CASE(a_line_names_the_rule_the_place_and_the_remedy) {
  const Finding finding = sc::finding_of(sc::Rule::p02, "a.csv", 7, "nhs_number");
  BOOST_TEST(sc::exception_csv_line(finding) ==
             "P02,error,a.csv,7,nhs_number,there is no NHS number and no reason for that,trace the "
             "NHS number or record why there is none\r\n");
}

// A column of a hostile file can be called anything; the report is opened in a spreadsheet.
BOOST_AUTO_TEST_CASE(a_field_that_would_run_as_a_formula_is_text) {
  const Finding finding{Severity::error, "F01", "=1+1.csv", 0, "@a,\"b\"", "x"};
  BOOST_TEST(sc::exception_csv_line(finding) ==
             "F01,error,\"'=1+1.csv\",,\"'@a,\"\"b\"\"\",x,export it again; do not open and save "
             "it in a spreadsheet\r\n");
}

BOOST_AUTO_TEST_CASE(a_remark_has_no_remedy) {
  const Finding finding{Severity::warning, "F01", "a.csv", 0, "", "read as Windows-1252"};
  BOOST_TEST(sc::exception_csv_line(finding) == "F01,warning,a.csv,,,read as Windows-1252,\r\n");
}

BOOST_AUTO_TEST_CASE(the_json_is_json_and_counts) {
  sc::Counts counts;
  counts.rows = 3;
  counts.by_state[static_cast<std::size_t>(sc::RecordState::held)] = 2;
  counts.by_rule[static_cast<std::size_t>(sc::Rule::c04)] = 4;
  const Finding findings[] = {sc::finding_of(sc::Rule::c01, "a\n\"b\".csv", 1, "x"),
                              sc::finding_of(sc::Rule::u02, "c.csv", 2, "y")};
  const auto text = sc::exception_json({"lcs", cpis::Date{}}, counts, findings);
  const auto json = sc::read_json(text, 1000);
  BOOST_REQUIRE(json);
  BOOST_TEST(json->text_of("profile") == "lcs");
  BOOST_TEST(json->find("rows")->text == "3");
  BOOST_TEST(json->find("records")->find("held")->text == "2");
  BOOST_TEST(json->find("rules")->find("C04")->text == "4");
  BOOST_REQUIRE_EQUAL(json->find("findings")->items.size(), 2U);
  BOOST_TEST(json->find("findings")->items[0].text_of("file") == "a\n\"b\".csv");
}

BOOST_AUTO_TEST_CASE(the_summary_says_first_that_an_export_was_refused) {
  sc::Counts counts;
  counts.refused = true;
  BOOST_TEST(sc::import_summary(counts).starts_with("REFUSED"));
  counts.refused = false;
  BOOST_TEST(!sc::import_summary(counts).starts_with("REFUSED"));
}

BOOST_AUTO_TEST_SUITE_END()
