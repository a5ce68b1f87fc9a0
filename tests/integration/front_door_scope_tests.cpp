// Who may do one thing must not learn another by it: conditions, chains and answers of writes tell
// something, too.

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "tests/integration/front_door_world.h"
#include "tests/support/text.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(front_door_scope_tests)

namespace {

constexpr std::string_view everything_but_looks =
    "system/Patient.rs system/Encounter.rs system/Flag.rs system/CarePlan.rs system/CareTeam.rs";

struct Case {
  std::string_view scope;  ///< of the token; empty: the static token of `writer`
  std::string_view method;
  std::string_view path;
  std::string_view headers;
  std::string_view body;
  std::string_view missing;  ///< the scope that the answer names
  std::string_view why;
};

constexpr std::string_view json = "Content-Type: application/fhir+json\r\n";
constexpr std::string_view json_unless =
    "Content-Type: application/fhir+json\r\nIf-None-Exist: identifier=9990123454\r\n";
constexpr std::string_view json_patch = "Content-Type: application/json-patch+json\r\n";
constexpr std::string_view nobody = R"({"resourceType":"Patient"})";

constexpr Case cases[] = {
    {"system/Encounter.rs", "GET", "/FHIR/R4/Encounter?patient=9990123454&patient.family=sample",
     "", "", "system/Patient.s", "a chain to people without a scope for people"},
    {"system/Patient.rs", "GET",
     "/FHIR/R4/Patient?_id=9990123454&_has:Encounter:patient:status=in-progress", "", "",
     "system/Encounter.s", "_has without a scope for attendances"},
    {everything_but_looks, "GET", "/FHIR/R4/Patient/9990123454/$everything", "", "",
     "system/AuditEvent.r", "everything without a scope for who looked"},
    {"", "POST", "/FHIR/R4/Patient", json_unless, nobody, "system/Patient.s",
     "a conditional create by who may not search"},
    {"", "PUT", "/FHIR/R4/Patient?identifier=9990123454", json, nobody, "system/Patient.s",
     "a conditional update by who may not search"},
    {"", "PATCH", "/FHIR/R4/Patient/9990123454", json_patch,
     R"([{"op":"test","path":"/name/0/family","value":"x"}])", "system/Patient.r",
     "a patch by who may not read"},
    {"", "POST", "/FHIR/R4", json,
     R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":)"
     R"("Patient","link":[{"type":"seealso","other":{"reference":)"
     R"("Patient?identifier=9990123454"}}]},"request":{"method":"POST","url":"Patient"}}]})",
     "system/Patient.s", "a conditional reference by who may not search"},
    {"", "POST", "/FHIR/R4", json,
     R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":)"
     R"("Patient"},"request":{"method":"POST","url":"Patient",)"
     R"("ifNoneExist":"identifier=9990123454"}}]})",
     "system/Patient.s", "a conditional create in a transaction"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_scope_does_not_open_is_not_told_by_another_way) {
  const FrontDoorWorld world;
  for (const Case& c : cases) {
    FrontDoorWorld::Claims claims;
    claims.scope = c.scope;
    const std::string who = c.scope.empty() ? bearer("static-writer") : bearer(world.token(claims));
    const std::size_t before = world.traces();
    const std::string answer =
        world.gateway->request(std::string{c.method}, std::string{c.path},
                               who + std::string{c.headers}, std::string{c.body});
    BOOST_TEST_CONTEXT(c.why << ": " << answer) {
      BOOST_TEST(answer.substr(0, 3) == "403");
      BOOST_TEST(has(answer, "insufficient_scope"));
      BOOST_TEST(has(answer, "scope=\"" + std::string{c.missing} + '"'));
      BOOST_TEST(!has(answer, "9990123454"));
      BOOST_TEST(world.traces() == before);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
