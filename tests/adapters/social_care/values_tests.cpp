#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/social_care/day.h"
#include "adapters/social_care/nhs_value.h"
#include "adapters/social_care/text.h"

namespace sc = cpis::social_care;
namespace data = boost::unit_test::data;

namespace {

struct NumberCase {
  std::string_view text;
  sc::NhsState want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const NumberCase& c) { return out << c.why; }

constexpr NumberCase numbers[] = {
    {"9990000018", sc::NhsState::present, "plain"},
    {" 999 000 0018 ", sc::NhsState::present, "spaces"},
    {"999-000-0018", sc::NhsState::present, "hyphens"},
    {"999\xC2\xA0"
     "000\xC2\xA0"
     "0018",
     sc::NhsState::present, "no-break spaces"},
    {"9990000019", sc::NhsState::malformed, "check digit"},
    {"9.99E+09", sc::NhsState::malformed, "through a spreadsheet"},
    {"9990000018.0", sc::NhsState::malformed, "through another spreadsheet"},
    {"'9990000018", sc::NhsState::malformed, "apostrophe is not repaired"},
    {"1111111111", sc::NhsState::malformed, "all the same digit"},
    {"", sc::NhsState::missing, "blank"},
    {"Unknown", sc::NhsState::missing, "word for none"},
    {"SSD_PH", sc::NhsState::missing, "placeholder"},
    {"000 000 0000", sc::NhsState::missing, "zeros"},
};

sc::DateForms forms(std::vector<std::string> texts) { return *sc::DateForms::from(texts); }

std::string read(const sc::DateForms& with, std::string_view text) {
  const sc::Day day = with.read(text);
  return day == sc::no_day ? "none" : cpis::to_iso(sc::to_date(day));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(values_tests)

BOOST_DATA_TEST_CASE(an_nhs_number_is_present_missing_or_malformed, data::make(numbers), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const auto value = sc::read_nhs_value(c.text, false);
    BOOST_TEST((value.state == c.want));
    BOOST_TEST(value.number.has_value() == (c.want == sc::NhsState::present));
  }
}

BOOST_AUTO_TEST_CASE(a_trailing_point_zero_only_when_the_profile_says_so) {
  BOOST_TEST((sc::read_nhs_value("9990000018.0", true).state == sc::NhsState::present));
}

BOOST_AUTO_TEST_CASE(reasons_for_no_number_are_a_closed_list) {
  BOOST_TEST((sc::read_no_number_reason("newborn_awaited") == sc::NoNumberReason::newborn_awaited));
  BOOST_TEST((sc::read_no_number_reason(" ") == sc::NoNumberReason::none_given));
  BOOST_TEST(!sc::read_no_number_reason("lost"));
}

BOOST_AUTO_TEST_CASE(date_forms_are_tried_in_order_and_to_the_end) {
  const auto with = forms({"%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d", "%d/%m/%Y"});
  BOOST_TEST(read(with, "2024-12-10 00:00:00.000") == "2024-12-10");
  BOOST_TEST(read(with, "2024-12-10") == "2024-12-10");
  BOOST_TEST(read(with, "3/2/2024") == "2024-02-03");
  for (const std::string_view wrong : {"2024-02-30", "2024-13-01", "10/12/24", "2024-12-10T00:00",
                                       "2024-12-10x", "45000", "", "0001-01-01", "29/02/2023"}) {
    BOOST_TEST_CONTEXT(wrong) { BOOST_TEST(read(with, wrong) == "none"); }
  }
}

BOOST_AUTO_TEST_CASE(a_form_without_a_four_digit_year_is_refused) {
  for (const std::string form : {"%d/%m/%y", "%d/%m", "%Y-%m-%d %", "%q%Y%m%d"}) {
    BOOST_TEST_CONTEXT(form) { BOOST_TEST(!sc::DateForms::from({form})); }
  }
}

BOOST_AUTO_TEST_CASE(names_match_patterns_without_case) {
  BOOST_TEST(sc::matches("SSD_Person_20260615.csv", "ssd_person*.csv"));
  BOOST_TEST(sc::matches("a", "*"));
  BOOST_TEST(!sc::matches("ssd_person.csv.bak", "ssd_person*.csv"));
  BOOST_TEST(!sc::matches("", "a*"));
}

BOOST_AUTO_TEST_CASE(blanks_collapse_whatever_they_are) {
  BOOST_TEST(sc::collapsed(" a \xC2\xA0\t b\r\n") == "a b");
  BOOST_TEST(sc::trimmed("\xC2\xA0x\xC2\xA0") == "x");
}

BOOST_AUTO_TEST_SUITE_END()
