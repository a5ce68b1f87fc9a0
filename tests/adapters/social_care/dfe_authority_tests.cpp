#include "adapters/social_care/dfe_authority.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

namespace sc = cpis::social_care;

BOOST_AUTO_TEST_SUITE(dfe_authority_tests)

namespace {

struct Case {
  std::string_view code, council, refusal, why;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }
};

const Case cases[] = {
    {"919", "Hertfordshire County Council", "", "the plain case"},
    {"810", "Hull City Council", "", "one word in common is enough"},
    {"201", "City of London Corporation", "", "an authority without a word of its own"},
    {"342", "St Helens Borough Council", "", "a full stop less"},
    {"999", "Testshire", "", "for tests"},
    {"332", "East Sussex County Council", "is the code of Dudley", "a code that is seen in use"},
    {"938", "East Sussex County Council", "is the code of West Sussex", "its neighbour's code"},
    {"813", "North East Lincolnshire Council", "is the code of North Lincolnshire", "near, too"},
    {"909", "Cumbria County Council", "an authority that is no more", "abolished in 2023"},
    {"950", "Testshire", "no authority", "nobody's code"},
    {"99", "Testshire", "is not three digits", "too short"},
    {"91x", "Testshire", "is not three digits", "no digit"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_code_is_held_against_the_name, cases) {
  const auto refusal = sc::refuse_dfe_code(sample.code, sample.council);
  if (sample.refusal.empty()) {
    BOOST_TEST(!refusal.has_value());
  } else {
    BOOST_REQUIRE(refusal.has_value());
    BOOST_TEST(refusal->find(sample.refusal) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(codes_are_found_in_the_whole_table) {
  BOOST_TEST(sc::find_dfe_authority("201")->name == "City of London");
  BOOST_TEST(sc::find_dfe_authority("943")->name == "Westmorland and Furness");
  BOOST_TEST(sc::find_dfe_authority("944") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
