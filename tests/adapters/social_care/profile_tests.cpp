#include "adapters/social_care/profile.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "profiles/social_care/mapping_profiles.h"

namespace sc = cpis::social_care;
namespace data = boost::unit_test::data;

namespace {

std::string shipped(std::string_view name) {
  return std::string{cpis::profiles::find_mapping_profile(name)->json};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

struct Case {
  std::string_view from;
  std::string_view to;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"\"version\": 1", "\"versoin\": 1", "line 2: unknown key versoin", "misspelt key"},
    {"\"grace_days\": 42", "\"grace\": 42", "unknown key unborn.grace", "misspelt inner key"},
    {"\"V2\"]", "\"V9\"]", "a scope code is not a legal status", "scope outside the 903 list"},
    {"\"%d/%m/%Y\"", "\"%d/%m/%y\"", "a date form needs", "two-digit year"},
    {"\"version\": 1", "\"version\": \"1\"", "expected a whole number", "text for a number"},
    {"\"version\": 1", "\"version\": 0", "expected a whole number from 1", "number out of range"},
    {"\"person\": \"cppl_person_id\",", "", "missing key cpp.person", "missing column"},
    {"\"status\": \"ssd_legal_status*.csv\",", "", "missing key input.tables.status",
     "missing table"},
    {"\"delimiter\": \",\"", "\"delimiter\": \"x\"", "the delimiter is one of", "odd delimiter"},
    {"\"windows-1252\"", "\"latin-9\"", "unknown encoding", "unknown encoding"},
    {"\"expected-present\"", "\"guess\"", "unborn.rule is", "unknown rule"},
    {"\"mod11\"]", "\"guess\"]", "unknown transform", "unknown transform"},
    {"\"version\": 1,", "\"version\": 1, \"version\": 2,", "a member name is repeated", "twice"},
    {"\"evidence\":", "\"evidence\"", "line 3: ", "not JSON"},
    {"[\"2300-01-01\"", "[\"2300-13-01\"", "expected dates as", "no such date"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(profile_tests)

BOOST_AUTO_TEST_CASE(the_lcs_profile_is_what_its_text_says) {
  const auto profile = sc::read_profile(shipped("lcs"));
  BOOST_REQUIRE(profile);
  BOOST_TEST(profile->name == "lcs");
  BOOST_TEST(profile->kind == "csv-set");
  BOOST_TEST(profile->allow_windows1252);
  BOOST_TEST(profile->person.nhs.size() == 2U);
  BOOST_TEST(profile->cpp.skip.column == "cppl_cp_plan_ola");
  BOOST_TEST(profile->scope.has(sc::LegalStatus::v2));
  BOOST_TEST(!profile->scope.has(sc::LegalStatus::e1));
  BOOST_TEST(profile->max_deletes == 0);
  BOOST_TEST(sc::is_null(*profile, " null "));
  BOOST_TEST(!sc::is_null(*profile, "0"));
}

BOOST_DATA_TEST_CASE(a_wrong_profile_is_refused_with_the_place, data::make(cases), c) {
  const auto profile = sc::read_profile(replaced(shipped("lcs"), c.from, c.to));
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE(!profile);
    BOOST_TEST_CONTEXT(profile.error().message) {
      BOOST_TEST(profile.error().message.find(c.want) != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_label_maps_to_a_code_or_to_none) {
  const auto with = [](std::string_view labels) {
    return sc::read_profile(replaced(shipped("lcs"), "\"scope\"",
                                     "\"labels\": " + std::string{labels} + ", \"scope\""));
  };
  const auto good = with(R"({"S20  Homeless": "V2", "Ward of Court": "none"})");
  BOOST_REQUIRE(good);
  BOOST_TEST((good->labels.at("s20 homeless") == sc::LegalStatus::v2));
  BOOST_TEST(!with(R"({"S20 Homeless": "S20"})"));
}

BOOST_AUTO_TEST_SUITE_END()
