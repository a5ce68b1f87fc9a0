#include "adapters/core/nhs_number.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

namespace data = boost::unit_test::data;
using cpis::NhsNumber;

BOOST_AUTO_TEST_SUITE(nhs_number_tests)

namespace {

struct Case {
  std::string_view text;
  std::string_view digits;  // empty: must be refused
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"9990123454", "9990123454", "ten digits with a right check digit"},
    {"999 012 3454", "9990123454", "spaces between groups"},
    {"999-012-3454", "9990123454", "hyphens between groups"},
    {"999\xC2\xA0"
     "012\xC2\xA0"
     "3454",
     "9990123454", "no-break spaces, as spreadsheets write them"},
    {"  9990123454 ", "9990123454", "blanks around"},
    {"943 476 5919", "9434765919", "the published worked example"},
    {"9990123455", "", "wrong check digit"},
    {"999012345", "", "nine digits"},
    {"99901234540", "", "eleven digits"},
    {"9990000000", "", "check value 10, never issued"},
    {"999012345X", "", "a letter"},
    {"999  012 3454", "", "two separators in a row"},
    {"9990123454-", "", "a separator at the end"},
    {"-9990123454", "", "a separator at the start"},
    {"9.99012E+09", "", "what a spreadsheet made of a number"},
    {"0000000000", "", "a placeholder: all digits equal"},
    {"", "", "nothing"},
};

}  // namespace

BOOST_DATA_TEST_CASE(parses_or_refuses, data::make(cases), c) {
  const auto number = NhsNumber::parse(c.text);
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE_EQUAL(number.has_value(), !c.digits.empty());
    if (number) BOOST_TEST(number->digits() == c.digits);
  }
}

BOOST_AUTO_TEST_CASE(the_integer_form_round_trips) {
  const auto number = NhsNumber::parse("9990123454");
  BOOST_REQUIRE(number);
  BOOST_TEST(number->value() == 9990123454ULL);
  BOOST_TEST((NhsNumber::from_value(number->value()) == number));
  BOOST_TEST(!NhsNumber::from_value(9990123455ULL).has_value());
  BOOST_TEST(!NhsNumber::from_value(99901234540ULL).has_value());
}

BOOST_AUTO_TEST_CASE(a_masked_number_shows_only_its_last_four_digits) {
  BOOST_TEST(NhsNumber::parse("9990123454")->masked() == "******3454");
}

BOOST_AUTO_TEST_SUITE_END()
