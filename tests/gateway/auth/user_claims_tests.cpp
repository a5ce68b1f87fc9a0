#include "gateway/auth/user_claims.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::auth;

BOOST_AUTO_TEST_SUITE(user_claims_tests)

namespace {

config::Client registered() {
  config::Client client;
  client.name = "epr";
  client.caller.organisation_code = "RXX01";
  client.caller.organisation_name = "Testshire Royal Infirmary";
  client.organisations = {"RXX01"};
  return client;
}

constexpr std::string_view nurse =
    R"({"person_roleid":"111","org_code":"RXX01","role_code":"S8000:G8000:R8001",)"
    R"("role_name":"\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\"",)"
    R"("activity_codes":["B0107"]})";

std::string claims_with(std::string_view roles, std::string_view more = "") {
  return R"({"nhsid_useruid":"555","name":"Nurse Test","nhsid_nrbac_roles":[)" +
         std::string{roles} + "]" + std::string{more} + "}";
}

struct Case {
  std::string claims;
  std::string_view says;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const std::string two = std::string{nurse} + ',' +
                        R"({"person_roleid":"222","org_code":"RXX01","role_code":"R1","role_name":)"
                        R"("Clerk","activity_codes":[]})";

const Case refused[] = {
    {claims_with(""), "in which one role", "no role"},
    {claims_with(two), "in which one role", "two roles and no choice"},
    {claims_with(two, R"(,"selected_roleid":"333")"), "in which one role", "a choice of neither"},
    {claims_with(std::string{nurse} + ',' + std::string{nurse}, R"(,"selected_roleid":"111")"),
     "in which one role", "one role twice"},
    {claims_with(R"({"org_code":"RYY01","role_code":"R1","role_name":"Nurse"})"),
     "not one of this client's", "another organisation"},
    {claims_with(R"({"role_code":"R1","role_name":"Nurse"})"), "not one of this client's",
     "no organisation"},
    {claims_with(R"({"org_code":"RXX01","role_name":"Nurse"})"), "no role_code", "no role code"},
    {claims_with(R"({"org_code":"RXX01","role_code":"R1"})"), "no role_name", "no role name"},
    {R"({"nhsid_useruid":"555","nhsid_nrbac_roles":[)" + std::string{nurse} + "]}",
     "no person_name", "no name"},
    {R"({"name":"Nurse Test","nhsid_nrbac_roles":[)" + std::string{nurse} + "]}", "no user_id",
     "no user id"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_user_is_named_as_a_notice_wants_it) {
  const auto document = read_strict_json(claims_with(nurse));
  BOOST_REQUIRE(document);
  BOOST_TEST(names_a_user(document->root()));
  const auto user = read_user(document->root(), registered());
  BOOST_REQUIRE(user);
  BOOST_TEST(user->caller.role_code == "R8001");
  BOOST_TEST(user->caller.role_name == "Nurse Access Role");
  BOOST_TEST(user->caller.role_profile_id == "111");
  BOOST_TEST(user->caller.person_name == "Nurse Test");
  BOOST_TEST(user->caller.user_id == "555");
  BOOST_TEST(user->caller.organisation_name == "Testshire Royal Infirmary");
  BOOST_TEST((user->may_notify && !user->may_look_silently));
}

BOOST_AUTO_TEST_CASE(the_selected_role_counts) {
  const auto document = read_strict_json(claims_with(two, R"(,"selected_roleid":"222")"));
  const auto user = read_user(document->root(), registered());
  BOOST_REQUIRE(user);
  BOOST_TEST(user->caller.role_name == "Clerk");
  BOOST_TEST((!user->may_notify && !user->may_look_silently));
}

BOOST_DATA_TEST_CASE(who_cannot_be_named_is_refused, data::make(refused), c) {
  const auto document = read_strict_json(c.claims);
  BOOST_REQUIRE(document);
  const auto user = read_user(document->root(), registered());
  BOOST_REQUIRE(!user);
  BOOST_TEST(user.error().message.find(c.says) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(claims_of_a_system_name_no_user) {
  const auto document = read_strict_json(R"({"sub":"epr","client_id":"epr"})");
  BOOST_TEST(!names_a_user(document->root()));
}

BOOST_AUTO_TEST_SUITE_END()
