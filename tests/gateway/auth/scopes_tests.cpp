#include "gateway/auth/scopes.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis::auth;

BOOST_AUTO_TEST_SUITE(scopes_tests)

namespace {

struct Case {
  std::string_view scopes;
  std::string_view as_system;  // what `to_scopes` writes of the system's
  std::string_view as_user;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"system/Flag.rs", "system/Flag.rs", "", "v2"},
    {"system/Flag.read", "system/Flag.rs", "", "v1 read"},
    {"system/Flag.write", "system/Flag.cud", "", "v1 write"},
    {"system/*.*", "system/*.cruds", "", "v1 everything"},
    {"user/*.read", "", "user/*.rs", "a user's"},
    {"system/Flag.r system/Flag.s", "system/Flag.rs", "", "two that add up"},
    {"system/Flag.cruds user/Patient.r", "system/Flag.cruds", "user/Patient.r", "one of each"},
    {"patient/Flag.rs", "", "", "there is no launch context"},
    {"system/Flag.rs?category=safety", "", "", "narrowed by a query"},
    {"system/Flag.sr", "", "", "letters out of order"},
    {"system/Flag.", "", "", "no letters"},
    {"system/.rs", "", "", "no type"},
    {"system/Flag", "", "", "no action"},
    {"/Flag.rs", "", "", "no context"},
    {"System/Flag.rs", "", "", "contexts have no capitals"},
    {"system/Fl*g.rs", "", "", "a pattern is no type"},
    {"openid fhirUser launch", "", "", "none of SMART's"},
    {"  system/Flag.r   ", "system/Flag.r", "", "blanks around"},
    {"", "", "", "nothing"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_scope_grants_what_it_says_and_nothing_else, data::make(cases), c) {
  const ScopeSets sets = read_scopes(c.scopes);
  BOOST_TEST(sets.system.to_scopes("system") == c.as_system);
  BOOST_TEST(sets.user.to_scopes("user") == c.as_user);
}

BOOST_AUTO_TEST_CASE(a_token_never_gets_more_than_its_client_is_registered_for) {
  const auto both = [](std::string_view wanted, std::string_view registered) {
    return read_scopes(wanted).system.within(read_scopes(registered).system).to_scopes("system");
  };
  BOOST_TEST(both("system/*.cruds", "system/Flag.rs") == "system/Flag.rs");
  BOOST_TEST(both("system/Flag.rs", "system/*.cruds") == "system/Flag.rs");
  BOOST_TEST(both("system/Flag.rs", "system/Patient.rs") == "");
  BOOST_TEST(both("system/Flag.cr", "system/Flag.rs") == "system/Flag.r");
}

BOOST_AUTO_TEST_CASE(permissions_are_asked_by_type_and_action) {
  const Permissions may = read_scopes("system/Flag.rs system/Patient.r").system;
  BOOST_TEST(may.allows("Flag", Action::search));
  BOOST_TEST(!may.allows("Flag", Action::create));
  BOOST_TEST(may.allows("Patient", Action::read));
  BOOST_TEST(!may.allows("Patient", Action::search));
  BOOST_TEST(!may.allows("*", Action::read));
  BOOST_TEST(Permissions::everything().allows("Encounter", Action::remove));
  BOOST_TEST(Permissions{}.empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_scopes_is_cut_off) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "openid ";
  many += "system/Flag.rs";
  BOOST_TEST(read_scopes(many).system.empty());
}

BOOST_AUTO_TEST_SUITE_END()
