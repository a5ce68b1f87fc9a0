#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/usecases/import_export.h"

using namespace cpis;
using usecases::read_person_index;

BOOST_AUTO_TEST_SUITE(person_index_tests)

namespace {
const std::string header = "nhs_number,given_names,family_name,birth_date,sensitive,superseded\n";
}

BOOST_AUTO_TEST_CASE(rows_are_read_and_wrong_ones_are_named) {
  Findings findings;
  const auto people = read_person_index(header +
                                            "9990123454,Alex,\"Sample, \"\"Sam\"\"\","
                                            "2018-04-12,0,0\r\n"
                                            "9990123455,Bad,Number,2018-04-12,0,0\n"
                                            "9990000018,Jo,Sample,31/12/1999,0,0\n"
                                            "9990000026,short\n"
                                            "9990000034,S,Ensitive,,1,0\n",
                                        findings);
  BOOST_REQUIRE_EQUAL(people.size(), 2U);
  BOOST_TEST(people[0].name.family == "Sample, \"Sam\"");
  BOOST_TEST(people[1].sensitive);
  BOOST_TEST(!people[1].birth_date.has_value());
  BOOST_REQUIRE_EQUAL(findings.size(), 3U);
  BOOST_TEST(findings[0].line == 3U);
  BOOST_TEST(findings[0].field == "nhs_number");
  BOOST_TEST(findings[1].field == "birth_date");
}

BOOST_AUTO_TEST_CASE(another_header_is_refused_whole) {
  Findings findings;
  BOOST_TEST(read_person_index("nhs,name\n9990123454,A\n", findings).empty());
  BOOST_TEST(findings.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
