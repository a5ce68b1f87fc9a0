// CDS Hooks 2.0 through the real door.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "gateway/edge/ids.h"
#include "gateway/store/audit_store.h"
#include "tests/integration/front_door_world.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/text.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(cds_hooks_tests)

namespace {

const std::string json_type = "Content-Type: application/json\r\n";
const std::string view = "/cds-services/cpis-patient-view";
const std::string start = "/cds-services/cpis-encounter-start";
const std::string instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea";

std::string patient(std::string_view number, std::string_view id = "ehr-7") {
  return R"({"resourceType":"Patient","id":")" + std::string{id} +
         R"(","identifier":[{"system":)"
         R"("https://fhir.nhs.uk/Id/nhs-number","value":")" +
         std::string{number} + R"("}]})";
}

std::string call(std::string_view hook, const std::string& prefetched,
                 std::string_view id = "ehr-7", std::string_view more = "") {
  return R"({"hook":")" + std::string{hook} + R"(","hookInstance":")" + instance +
         R"(","context":{"userId":"Practitioner/n1","patientId":")" + std::string{id} + '"' +
         std::string{more} + "}" +
         (prefetched.empty() ? "" : R"(,"prefetch":{"patient":)" + prefetched + "}") + "}";
}

std::size_t looks(const RunningGateway& gateway) {
  const auto accesses = gateway.gateway->registry().accesses(std::nullopt, 1000);
  BOOST_REQUIRE(accesses);
  return accesses->size();
}

}  // namespace

BOOST_AUTO_TEST_CASE(discovery_lists_both_services_with_their_prefetch) {
  const FrontDoorWorld world;
  const std::string answer = world.get("/cds-services", "");
  BOOST_TEST(answer.starts_with("200"));
  BOOST_TEST(has(answer, R"("hook":"patient-view")"));
  BOOST_TEST(has(answer, R"("hook":"encounter-start")"));
  BOOST_TEST(has(answer, R"("patient":"Patient/{{context.patientId}}")"));
}

BOOST_AUTO_TEST_CASE(a_plan_is_a_critical_card_with_both_telephones_and_one_look) {
  RunningGateway gateway;
  upload_people(gateway.gateway->registry());
  const std::string body = call("patient-view", patient(child_on_plan));
  const std::string answer = gateway.request("POST", view, json_type, body);
  BOOST_REQUIRE_MESSAGE(answer.starts_with("200"), answer);
  BOOST_TEST(has(answer, R"("indicator":"critical")"));
  BOOST_TEST(has(answer, "Subject to child protection plan"));
  BOOST_TEST(has(answer, "01632960001"));
  BOOST_TEST(has(answer, "01632960002"));
  BOOST_TEST(has(answer, "overrideReasons"));
  BOOST_TEST(has(answer, "/FHIR/R4/Flag/"));
  BOOST_TEST(looks(gateway) == 1U);
  std::string detail;
  BOOST_REQUIRE(gateway.gateway->database().read([&](store::Session& session) {
    return store::AuditStore{}.read(session, 0, 10'000, [&](const store::AuditRow& row) -> Status {
      if (row.entry.action == "cds.patient-view") detail = row.entry.detail;
      return done;
    });
  }));
  BOOST_TEST(detail.starts_with("unscheduled, user Practitioner/n1; Flag/"));
  // The screen asks again, the attendance begins, the flags are read: still the same look.
  static_cast<void>(gateway.request("POST", view, json_type, body));
  static_cast<void>(gateway.request(
      "POST", start, json_type,
      call("encounter-start", patient(child_on_plan), "ehr-7", R"(,"encounterId":"e1")")));
  static_cast<void>(gateway.get("/FHIR/R4/Flag?patient=" + std::string{child_on_plan}));
  BOOST_TEST(looks(gateway) == 1U);
}

BOOST_AUTO_TEST_CASE(nobody_is_called_safe_when_no_record_is_held) {
  RunningGateway gateway;
  upload_people(gateway.gateway->registry());
  const std::string answer =
      gateway.request("POST", view, json_type, call("patient-view", patient(child_without_record)));
  BOOST_REQUIRE_MESSAGE(answer.starts_with("200"), answer);
  BOOST_TEST(has(answer, R"("indicator":"info")"));
  BOOST_TEST(!has(answer, "critical"));
  BOOST_TEST(!has(answer, " safe "));
  BOOST_TEST(!has(answer, "no risk"));
}

BOOST_AUTO_TEST_CASE(without_a_usable_number_the_card_warns_that_nothing_is_known) {
  RunningGateway gateway;
  for (const char* number : {"1234567890", ""}) {
    const std::string answer =
        gateway.request("POST", view, json_type, call("patient-view", patient(number)));
    BOOST_REQUIRE_MESSAGE(answer.starts_with("200"), answer);
    BOOST_TEST(has(answer, R"("indicator":"warning")"));
    BOOST_TEST(has(answer, "nothing is known"));
  }
}

BOOST_AUTO_TEST_CASE(without_a_prefetch_the_patient_is_found_here_or_the_call_fails) {
  RunningGateway gateway;
  upload_people(gateway.gateway->registry());
  BOOST_TEST(has(gateway.request("POST", view, json_type, call("patient-view", "", child_on_plan)),
                 "critical"));
  BOOST_TEST(gateway.request("POST", view, json_type, call("patient-view", "", "ehr-unknown"))
                 .starts_with("412"));
  BOOST_TEST(gateway.request("POST", view, json_type, call("patient-view", "null", "ehr-unknown"))
                 .starts_with("412"));
}

BOOST_AUTO_TEST_CASE(feedback_is_kept_in_the_audit) {
  RunningGateway gateway;
  const std::string feedback = R"({"feedback":[{"card":")" + instance +
                               R"(","outcome":"overridden","overrideReason":{"reason":{"code":)"
                               R"("already-known"},"userComment":"Alex is known"},)"
                               R"("outcomeTimestamp":"2026-01-05T09:00:00Z"}]})";
  BOOST_TEST(gateway.request("POST", view + "/feedback", json_type, feedback).starts_with("200"));
  BOOST_TEST(gateway.request("POST", view + "/feedback", json_type, "{}").starts_with("400"));
  BOOST_TEST(gateway.request("POST", "/cds-services/none/feedback", json_type, feedback)
                 .starts_with("404"));
}

namespace {
struct Bad {
  std::string body;
  std::string_view status;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.why; }
const Bad bad[] = {
    {"", "400", "an empty body"},
    {"[]", "400", "no object"},
    {"{", "400", "no JSON"},
    {"{}", "400", "no hook"},
    {call("order-sign", patient(child_on_plan)), "400", "another hook"},
    {call("patient-view", patient(child_on_plan, "somebody-else")), "400",
     "the prefetch of somebody else"},
    {R"({"hook":"patient-view","hookInstance":"1","context":{"userId":"u","patientId":"p"}})",
     "400", "an instance that is no UUID"},
    {R"({"hook":"patient-view","hookInstance":")" + instance + R"(","context":{"userId":"u"}})",
     "400", "no patient"},
    {R"({"hook":"patient-view","hookInstance":")" + instance + R"(","context":{"patientId":"p"}})",
     "400", "nobody who looks"},
    {R"({"hook":"patient-view","hookInstance":")" + instance +
         R"(","context":{"userId":"u","patientId":"p","patientId":"q"}})",
     "400", "two patients"},
};
}  // namespace

BOOST_DATA_TEST_CASE(a_call_that_cannot_be_read_is_refused, data::make(bad), row) {
  static const RunningGateway gateway;
  const std::string answer = gateway.request("POST", view, json_type, row.body);
  BOOST_TEST_CONTEXT(answer) { BOOST_TEST(answer.starts_with(row.status)); }
}

BOOST_AUTO_TEST_CASE(only_a_fresh_jwt_of_a_registered_client_for_this_url_is_taken) {
  const FrontDoorWorld world;
  const auto& gateway = *world.gateway;
  const std::string url = "https://gateway.example" + view;
  const auto jwt = [&](const TokenKey& key, std::string_view audience, std::string_view id,
                       long expires = 200, std::string_view issuer = "epr") {
    return signed_token(key,
                        R"({"iss":")" + std::string{issuer} + R"(","aud":")" +
                            std::string{audience} + R"(","jti":")" + std::string{id} +
                            R"(","iat":)" + std::to_string(now_s()) + R"(,"exp":)" +
                            std::to_string(now_s() + expires) + '}',
                        "JWT");
  };
  const std::string body = call("patient-view", patient(child_on_plan));
  const auto ask = [&](const std::string& token) {
    return gateway.request("POST", view, json_type + (token.empty() ? "" : bearer(token)), body);
  };
  const std::size_t before = world.traces();
  const std::string forged = forged_token(R"({"alg":"none","typ":"JWT","kid":"epr-1"})",
                                          R"({"iss":"epr","aud":")" + url + R"(","jti":"n"})");
  for (const std::string& token :
       {std::string{}, std::string{"static-epr"}, world.token({}), forged,
        jwt(world.stranger, url, "a"), jwt(world.client, "https://other.example" + view, "b"),
        jwt(world.client, "https://gateway.example" + start, "c"),
        jwt(world.client, url, "d", -400), jwt(world.client, url, "e", 4000),
        jwt(world.client, url, "f", 200, "nobody"), jwt(world.client, url, "g", 200, "gone"),
        jwt(world.client, url, "")}) {
    const std::string answer = ask(token);
    BOOST_TEST_CONTEXT(answer) { BOOST_TEST(answer.starts_with("401")); }
    BOOST_TEST(!has(answer, "cards"));
  }
  BOOST_TEST(world.traces() == before);
  const std::string good = jwt(world.client, url, "once");
  BOOST_TEST(has(ask(good), "critical"));
  BOOST_TEST(ask(good).starts_with("401"));
  BOOST_TEST(world.traces() > before);
}

BOOST_AUTO_TEST_SUITE_END()
