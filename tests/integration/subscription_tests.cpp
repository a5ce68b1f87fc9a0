// Alerts pushed by FHIR Subscriptions, from the door to the subscriber's endpoint.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>

#include "gateway/register/register.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/open.h"
#include "gateway/store/sha256.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/integration/hook_listener.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(subscription_tests)

namespace {

// An upload of a council that looks after these children.
UploadFile looked_after(std::int64_t sequence, std::initializer_list<std::string_view> numbers) {
  UploadFile file;
  file.sequence = sequence;
  file.council = {"999", "Testshire County Council", "01632960001", "01632960002"};
  for (const std::string_view number : numbers) {
    file.records.push_back({{*NhsNumber::parse(number),
                             "LCS-1",
                             "",
                             {"Alex", "Sample"},
                             parse_iso_date("2018-04-12"),
                             false},
                            {Plan{PlanType::lac, {*parse_iso_date("2025-06-01"), 0}, {}, {}}}});
  }
  return file;
}

const std::string json_type = "Content-Type: application/fhir+json\r\n";
const std::string topics = "https://cpis-gateway.example/fhir/SubscriptionTopic/";
const std::string arrived = topics + "person-with-a-record-has-arrived";
const std::string backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string by_topic(const std::string& topic, const std::string& endpoint,
                     std::string_view content, const std::string& filter = "",
                     const std::string& more_of_channel = "") {
  return R"({"resourceType":"Subscription","status":"requested","reason":"ED screen",)"
         R"("criteria":")" +
         topic + '"' +
         (filter.empty()
              ? ""
              : R"(,"_criteria":{"extension":[{"url":")" + backport +
                    R"(backport-filter-criteria","valueString":")" + filter + R"("}]})") +
         R"(,"channel":{"type":"rest-hook","endpoint":")" + endpoint +
         R"(","header":["Authorization: Bearer hook-secret"],"payload":"application/fhir+json",)"
         R"("_payload":{"extension":[{"url":")" +
         backport + R"(backport-payload-content","valueCode":")" + std::string{content} +
         R"("}]})" + more_of_channel + "}}";
}

std::string classic(const std::string& criteria, const std::string& endpoint, bool payload) {
  return R"({"resourceType":"Subscription","status":"requested","reason":"ED screen",)"
         R"("criteria":")" +
         criteria + R"(","channel":{"type":"rest-hook","endpoint":")" + endpoint + '"' +
         (payload ? R"(,"payload":"application/fhir+json")" : "") + "}}";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_full_notification_tells_of_the_arrival_with_flag_and_telephones) {
  HookListener hook;
  RunningGateway gateway{"subscription.endpoints = " + hook.url() + '\n'};
  upload_people(gateway.gateway->registry());
  const std::string made = gateway.request("POST", "/FHIR/R4/Subscription", json_type,
                                           by_topic(arrived, hook.url(), "full-resource"));
  BOOST_REQUIRE_MESSAGE(made.starts_with("201"), made);
  BOOST_TEST(has(made, "\"status\":\"requested\""));
  const std::string id = between(made, "\"id\":\"", "\"");
  auto calls = hook.wait_for(1);
  BOOST_REQUIRE_EQUAL(calls.size(), 1U);
  BOOST_TEST(has(calls[0].body, "\"valueCode\":\"handshake\""));
  BOOST_TEST(has(calls[0].body, "\"type\":\"history\""));
  BOOST_TEST(calls[0].authorization == "Bearer hook-secret");
  BOOST_REQUIRE(eventually(
      [&] { return has(gateway.get("/FHIR/R4/Subscription/" + id), "\"status\":\"active\""); }));
  BOOST_REQUIRE(
      has(gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1")), "MSA|AA"));
  calls = hook.wait_for(2);
  BOOST_REQUIRE_EQUAL(calls.size(), 2U);
  const std::string& told = calls[1].body;
  BOOST_TEST(calls[1].content_type == "application/fhir+json");
  BOOST_TEST(has(told, "\"valueCode\":\"event-notification\""));
  BOOST_TEST(has(told, R"("name":"event-number","valueString":"1")"));
  BOOST_TEST(has(told, "\"resourceType\":\"Encounter\""));
  BOOST_TEST(has(told, "child-protection-information-system-flag"));
  BOOST_TEST(has(told, "01632960002"));
}

BOOST_AUTO_TEST_CASE(id_only_names_no_person_and_empty_names_nothing) {
  HookListener ids, empty;
  RunningGateway gateway{"subscription.endpoints = \"" + ids.url() + ',' + empty.url() + "\"\n"};
  upload_people(gateway.gateway->registry());
  for (const auto& [hook, content] : {std::pair{&ids, "id-only"}, std::pair{&empty, "empty"}}) {
    BOOST_REQUIRE(gateway
                      .request("POST", "/FHIR/R4/Subscription", json_type,
                               by_topic(arrived, hook->url(), content))
                      .starts_with("201"));
  }
  BOOST_REQUIRE(eventually(
      [&] { return has(gateway.get("/FHIR/R4/Subscription?status=requested"), "\"total\":0"); }));
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  const auto named = ids.wait_for(2);
  const auto nothing = empty.wait_for(2);
  BOOST_REQUIRE_EQUAL(named.size(), 2U);
  BOOST_REQUIRE_EQUAL(nothing.size(), 2U);
  BOOST_TEST(has(named[1].body, "/Encounter/"));
  BOOST_TEST(!has(named[1].body, std::string{child_on_plan}));
  BOOST_TEST(!has(named[1].body, "\"resourceType\":\"Flag\""));
  BOOST_TEST(has(nothing[1].body, R"("name":"event-number","valueString":"1")"));
  BOOST_TEST(!has(nothing[1].body, "Encounter"));
  BOOST_TEST(!has(nothing[1].body, std::string{child_on_plan}));
}

BOOST_AUTO_TEST_CASE(every_call_about_one_arrival_is_in_its_trace) {
  HookListener hook, webhook;
  RunningGateway gateway{"alert.webhook.url = " + webhook.url() +
                         "\nsubscription.endpoints = " + hook.url() + '\n'};
  upload_people(gateway.gateway->registry());
  const std::string made = gateway.request("POST", "/FHIR/R4/Subscription", json_type,
                                           by_topic(arrived, hook.url(), "empty"));
  const std::string id = between(made, "\"id\":\"", "\"");
  BOOST_REQUIRE(eventually(
      [&] { return has(gateway.get("/FHIR/R4/Subscription/" + id), "\"status\":\"active\""); }));
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  const auto hooks = hook.wait_for(2);
  const auto alerts = webhook.wait_for(1);
  BOOST_REQUIRE_EQUAL(hooks.size(), 2U);
  BOOST_REQUIRE_EQUAL(alerts.size(), 1U);
  const auto trace_of = [](const HookListener::Call& call) {
    BOOST_REQUIRE_EQUAL(call.traceparent.size(), 55U);
    return call.traceparent.substr(3, 32);
  };
  BOOST_TEST(trace_of(hooks[1]) == trace_of(alerts[0]));
  BOOST_TEST(hooks[1].traceparent != alerts[0].traceparent);
  // The handshake was about no arrival.
  BOOST_TEST(trace_of(hooks[0]) != trace_of(hooks[1]));
}

// As the CapabilityStatement names them, and as the criteria of a Subscription take them.
BOOST_AUTO_TEST_CASE(topics_can_be_read_and_found_by_their_urls) {
  const RunningGateway gateway;
  const std::string all = gateway.get("/FHIR/R4/Basic?code=SubscriptionTopic");
  BOOST_TEST(has(all, "\"total\":4"));
  const std::string statement = gateway.get("/FHIR/R4/metadata");
  std::size_t listed = 0;
  for (std::size_t at = statement.find(topics); at != statement.npos;
       at = statement.find(topics, at + 1)) {
    ++listed;
    const std::string url = statement.substr(at, statement.find('"', at) - at);
    BOOST_TEST_CONTEXT(url) {
      BOOST_TEST(has(all, "\"valueUri\":\"" + url + '"'));
      const std::string found = gateway.get("/FHIR/R4/Basic?identifier=urn:ietf:rfc:3986%7C" + url);
      BOOST_TEST(has(found, "\"total\":1"));
      BOOST_TEST(has(found, url.substr(topics.size())));
      const std::string one = gateway.get("/FHIR/R4/Basic/" + url.substr(topics.size()));
      BOOST_TEST(one.starts_with("200"));
      BOOST_TEST(has(one, "\"code\":\"SubscriptionTopic\""));
      BOOST_TEST(has(one, "extension-SubscriptionTopic.eventTrigger"));
      BOOST_TEST(has(one, R"({"url":"filterParameter","valueString":"organization"})"));
      BOOST_TEST(has(one, R"(extension-SubscriptionTopic.status","valueCode":"active")"));
    }
  }
  BOOST_TEST(listed == 4U);
  BOOST_TEST(has(gateway.get("/FHIR/R4/Basic?code=Patient"), "\"total\":0"));
  BOOST_TEST(gateway.get("/FHIR/R4/Basic?colour=red").starts_with("400"));
  BOOST_TEST(gateway.get("/FHIR/R4/Basic/elsewhere").starts_with("404"));
  const std::string written =
      gateway.request("POST", "/FHIR/R4/Basic", json_type, R"({"resourceType":"Basic"})");
  BOOST_TEST(written.starts_with("405"));
  const std::string valid = gateway.request("POST", "/FHIR/R4/$validate", json_type, [&] {
    const std::string one = gateway.get("/FHIR/R4/Basic/person-with-a-record-has-arrived");
    return one.substr(one.find("\r\n\r\n") + 4);
  }());
  // Nothing is wrong with it but that the definitions of those extensions are not at hand.
  BOOST_TEST_CONTEXT(valid) {
    BOOST_TEST(count_of(valid, "\"severity\":\"error\"") == 7U);
    BOOST_TEST(count_of(valid, "\"code\":\"extension-unknown\"") == 7U);
  }
}

BOOST_AUTO_TEST_CASE(a_classic_rest_hook_gets_the_encounter_or_an_empty_call) {
  HookListener whole, bare;
  RunningGateway gateway{"subscription.endpoints = \"" + whole.url() + ',' + bare.url() + "\"\n"};
  upload_people(gateway.gateway->registry());
  const std::string criteria = "Encounter?topic=person-with-a-record-has-arrived";
  for (const auto& [hook, payload] : {std::pair{&whole, true}, std::pair{&bare, false}}) {
    const std::string made = gateway.request("POST", "/FHIR/R4/Subscription", json_type,
                                             classic(criteria, hook->url(), payload));
    BOOST_REQUIRE_MESSAGE(made.starts_with("201"), made);
  }
  BOOST_REQUIRE(eventually(
      [&] { return has(gateway.get("/FHIR/R4/Subscription?status=requested"), "\"total\":0"); }));
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  const auto sent = whole.wait_for(2);
  const auto nudged = bare.wait_for(2);
  BOOST_REQUIRE_EQUAL(sent.size(), 2U);
  BOOST_REQUIRE_EQUAL(nudged.size(), 2U);
  BOOST_TEST(sent[1].method == "PUT");
  BOOST_TEST(has(sent[1].path, "/hook/Encounter/"));
  BOOST_TEST(has(sent[1].body, "\"resourceType\":\"Encounter\""));
  BOOST_TEST(nudged[1].method == "POST");
  BOOST_TEST(nudged[1].body.empty());
}

BOOST_AUTO_TEST_CASE(events_come_in_order_and_again_after_a_failure_and_a_restart) {
  HookListener hook;
  RunningGateway gateway{"subscription.endpoints = " + hook.url() + '\n'};
  upload_people(gateway.gateway->registry());
  const std::string made = gateway.request("POST", "/FHIR/R4/Subscription", json_type,
                                           by_topic(arrived, hook.url(), "id-only"));
  const std::string id = between(made, "\"id\":\"", "\"");
  const auto stands = [&](std::string_view status) {
    return has(gateway.get("/FHIR/R4/Subscription/" + id),
               "\"status\":\"" + std::string{status} + '"');
  };
  BOOST_REQUIRE(eventually([&] { return stands("active"); }));
  hook.answer_with(503);
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  gateway.send(adt("A04", mother_of_unborn, "19990909", "B", "V2", "C2"));
  BOOST_REQUIRE_GE(hook.wait_for(2).size(), 2U);
  gateway.restart();
  hook.answer_with(200);
  BOOST_REQUIRE(eventually([&] {
    const auto calls = hook.wait_for(4);
    return has(calls.back().body, R"("name":"event-number","valueString":"2")");
  }));
  const auto calls = hook.wait_for(4);
  // Until the first was taken, the second was not sent.
  for (std::size_t i = 1; i + 1 < calls.size(); ++i) {
    BOOST_TEST(has(calls[i].body, R"("name":"event-number","valueString":"1")"));
  }
  const std::string events = gateway.get("/FHIR/R4/Subscription/" + id + "/$events");
  BOOST_TEST(events.starts_with("200"));
  BOOST_TEST(has(events, "query-event"));
  BOOST_TEST(has(events, R"("name":"event-number","valueString":"1")"));
  BOOST_TEST(has(events, R"("name":"event-number","valueString":"2")"));
  const std::string last =
      gateway.get("/FHIR/R4/Subscription/" + id + "/$events?eventsSinceNumber=2&content=empty");
  BOOST_TEST(!has(last, R"("name":"event-number","valueString":"1")"));
  BOOST_TEST(!has(last, "Encounter"));
  const std::string status = gateway.get("/FHIR/R4/Subscription/" + id + "/$status");
  BOOST_TEST(has(status, R"("name":"events-since-subscription-start","valueString":"2")"));
  BOOST_TEST(has(gateway.get("/FHIR/R4/Subscription/$status?id=" + id), "query-status"));
}

BOOST_AUTO_TEST_CASE(after_the_last_attempt_the_subscription_is_in_error_and_can_ask_again) {
  HookListener hook;
  RunningGateway gateway{"subscription.attempts = 1\nsubscription.endpoints = " + hook.url() +
                         '\n'};
  upload_people(gateway.gateway->registry());
  const std::string body = by_topic(arrived, hook.url(), "empty");
  const std::string id =
      between(gateway.request("POST", "/FHIR/R4/Subscription", json_type, body), "\"id\":\"", "\"");
  const auto stands = [&](std::string_view status) {
    return has(gateway.get("/FHIR/R4/Subscription/" + id),
               "\"status\":\"" + std::string{status} + '"');
  };
  BOOST_REQUIRE(eventually([&] { return stands("active"); }));
  hook.answer_with(500);
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  BOOST_REQUIRE(eventually([&] { return stands("error"); }));
  BOOST_TEST(has(gateway.get("/FHIR/R4/Subscription/" + id), "HTTP 500"));
  // Numbers go on while nobody listens, so that nothing is lost.
  gateway.send(adt("A04", mother_of_unborn, "19990909", "B", "V2", "C2"));
  BOOST_REQUIRE(eventually([&] {
    return has(gateway.get("/FHIR/R4/Subscription/" + id + "/$status"),
               R"("name":"events-since-subscription-start","valueString":"2")");
  }));
  hook.answer_with(200);
  const std::string again = R"({"resourceType":"Subscription","id":")" + id + R"(",)" +
                            body.substr(body.find("\"status\""));
  BOOST_TEST(
      gateway.request("PUT", "/FHIR/R4/Subscription/" + id, json_type, again).starts_with("200"));
  BOOST_REQUIRE(eventually([&] { return stands("active"); }));
}

BOOST_AUTO_TEST_CASE(filters_narrow_a_topic) {
  HookListener hook;
  RunningGateway gateway{"subscription.endpoints = " + hook.url() + '\n'};
  upload_people(gateway.gateway->registry());
  const std::string made =
      gateway.request("POST", "/FHIR/R4/Subscription", json_type,
                      by_topic(arrived, hook.url(), "id-only",
                               "Encounter?patient=Patient/" + std::string{mother_of_unborn}));
  BOOST_REQUIRE_MESSAGE(made.starts_with("201"), made);
  const std::string id = between(made, "\"id\":\"", "\"");
  BOOST_REQUIRE(eventually(
      [&] { return has(gateway.get("/FHIR/R4/Subscription/" + id), "\"status\":\"active\""); }));
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  gateway.send(adt("A04", mother_of_unborn, "19990909", "B", "V2", "C2"));
  const auto calls = hook.wait_for(2);
  gateway.settle();
  BOOST_REQUIRE_EQUAL(calls.size(), 2U);
  BOOST_TEST(has(calls[1].body, R"("name":"event-number","valueString":"1")"));
}

BOOST_AUTO_TEST_CASE(councils_and_wards_hear_of_notices_failures_and_changed_plans) {
  HookListener hook;
  RunningGateway gateway{"subscription.endpoints = " + hook.url() + '\n'};
  upload_people(gateway.gateway->registry());
  for (const char* name : {"check-could-not-be-completed", "notice-for-council",
                           "plan-changed-for-a-person-present"}) {
    const std::string made = gateway.request("POST", "/FHIR/R4/Subscription", json_type,
                                             by_topic(topics + name, hook.url(), "full-resource"));
    BOOST_REQUIRE_MESSAGE(made.starts_with("201"), made);
  }
  BOOST_REQUIRE_EQUAL(hook.wait_for(3).size(), 3U);
  BOOST_REQUIRE(eventually(
      [&] { return has(gateway.get("/FHIR/R4/Subscription?status=requested"), "\"total\":0"); }));
  // Nobody can be asked about without an NHS number.
  gateway.send(adt("A04", "", "20180412", "E", "V0", "C0"));
  auto calls = hook.wait_for(4);
  BOOST_REQUIRE_EQUAL(calls.size(), 4U);
  BOOST_TEST(has(calls[3].body, "check-could-not-be-completed"));
  BOOST_TEST(has(calls[3].body, "\"resourceType\":\"OperationOutcome\""));
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  calls = hook.wait_for(5);
  BOOST_REQUIRE_EQUAL(calls.size(), 5U);
  BOOST_TEST(has(calls[4].body, "notice-for-council"));
  BOOST_TEST(has(calls[4].body, "\"resourceType\":\"AuditEvent\""));
  gateway.settle();
  BOOST_REQUIRE(
      gateway.gateway->registry().take(looked_after(2, {child_on_plan, child_without_record})));
  calls = hook.wait_for(6);
  gateway.settle();
  BOOST_REQUIRE_EQUAL(calls.size(), 6U);
  BOOST_TEST(has(calls[5].body, "plan-changed-for-a-person-present"));
  BOOST_TEST(has(calls[5].body, "764841000000100"));
}

// An import of another process, while the gateway does not run: who is present then is told of.
BOOST_AUTO_TEST_CASE(a_plan_that_another_process_imported_is_told_when_the_gateway_is_back) {
  HookListener hook;
  RunningGateway gateway{"subscription.endpoints = " + hook.url() + '\n'};
  const std::string made = gateway.request(
      "POST", "/FHIR/R4/Subscription", json_type,
      by_topic(topics + "plan-changed-for-a-person-present", hook.url(), "full-resource"));
  BOOST_REQUIRE_MESSAGE(made.starts_with("201"), made);
  BOOST_REQUIRE(eventually(
      [&] { return has(gateway.get("/FHIR/R4/Subscription?status=active"), "\"total\":1"); }));
  gateway.send(adt("A04", child_without_record, "20180412", "E", "V1", "C1"));
  gateway.settle();
  gateway.gateway->stop();
  gateway.gateway.reset();
  {
    auto database = store::open_database("sqlite:" + gateway.folder.file("gateway.db"));
    BOOST_REQUIRE(database);
    const auto import = registry::Register::open(**database, gateway.clock, {{}, false});
    BOOST_REQUIRE(import);
    BOOST_REQUIRE((*import)->take(looked_after(1, {child_without_record, child_on_plan})));
  }
  gateway.restart();
  const auto calls = hook.wait_for(2);
  BOOST_REQUIRE_EQUAL(calls.size(), 2U);
  BOOST_TEST(has(calls[1].body, "plan-changed-for-a-person-present"));
  BOOST_TEST(has(calls[1].body, "764841000000100"));
  BOOST_TEST(has(calls[1].body, child_without_record));
  // Once: another start has nothing to tell, and who is not present is not told of.
  gateway.restart();
  BOOST_TEST(has(gateway.get("/FHIR/R4/Subscription/$status"),
                 R"("name":"events-since-subscription-start","valueString":"1")"));
}

namespace {
struct Bad {
  std::string body;
  std::string status;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.why; }
const Bad bad[] = {
    {by_topic(topics + "no-such-topic", "http://127.0.0.1:9/hook", "empty"), "422",
     "an unknown topic"},
    {by_topic(arrived, "http://127.0.0.1:8/hook", "empty"), "403", "an endpoint not allowed"},
    {by_topic(arrived, "http://127.0.0.1:9.evil.example/hook", "empty"), "403",
     "a host that begins like an allowed one"},
    {by_topic(arrived, "http://127.0.0.1:9@evil.example/hook", "empty"), "403",
     "an allowed host as a user's name"},
    {by_topic(arrived, "http://127.0.0.1:9/hook/../admin", "empty"), "403", "a way out"},
    {by_topic(arrived, "http://169.254.169.254/hook", "empty"), "403", "plain http elsewhere"},
    {by_topic(arrived, "file:///etc/passwd", "empty"), "403", "another scheme"},
    {by_topic(arrived, "http://127.0.0.1:9/hook", "everything"), "422", "an unknown content"},
    {by_topic(arrived, "http://127.0.0.1:9/hook", "empty", "Flag?patient=1"), "422",
     "a filter of another type"},
    {by_topic(arrived, "http://127.0.0.1:9/hook", "empty", "Encounter?name=x"), "422",
     "an unknown filter"},
    {classic("Encounter?status=arrived", "http://127.0.0.1:9/hook", true), "422",
     "a search that is no topic"},
    {classic("Flag?topic=person-with-a-record-has-arrived", "http://127.0.0.1:9/hook", true), "422",
     "a topic under another type"},
};
}  // namespace

BOOST_DATA_TEST_CASE(what_is_not_served_is_refused_with_the_reason, data::make(bad), row) {
  static const RunningGateway gateway{"subscription.endpoints = http://127.0.0.1:9/hook\n"};
  const std::string answer = gateway.request("POST", "/FHIR/R4/Subscription", json_type, row.body);
  BOOST_TEST_CONTEXT(answer) { BOOST_TEST(answer.starts_with(row.status)); }
  BOOST_TEST(has(answer, "OperationOutcome"));
}

namespace {
std::string client(const std::string& name, std::string_view organisation,
                   std::string_view scopes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hash;
  for (const char c : store::sha256("static-" + name)) {
    hash += digits[static_cast<unsigned char>(c) >> 4];
    hash += digits[static_cast<unsigned char>(c) & 15];
  }
  const std::string prefix = "client." + name + '.';
  return prefix + "token = sha256:" + hash + '\n' + prefix +
         "organisation_code = " + std::string{organisation} + '\n' + prefix +
         "organisation_name = Testshire Royal\n" + prefix + "role_code = R0260\n" + prefix +
         "role_name = Doctor\n" + prefix + "person_name = Sam Lead\n" + prefix +
         "system_id = 2000\n" + prefix + "scopes = " + std::string{scopes} + '\n';
}
std::string as(const std::string& name) { return "Authorization: Bearer static-" + name + "\r\n"; }
}  // namespace

BOOST_AUTO_TEST_CASE(a_subscription_is_its_owners_alone_and_follows_the_owners_rights) {
  HookListener hook, far_hook;
  RunningGateway gateway{"http.auth = token\nsubscription.endpoints = \"" + hook.url() + ',' +
                         far_hook.url() + "\"\n" +
                         client("ed", "RXX01", "\"system/*.rs system/Subscription.cruds\"") +
                         client("far", "RYY01", "\"system/*.rs system/Subscription.cruds\"") +
                         client("ward", "RXX01", "system/Subscription.cruds")};
  upload_people(gateway.gateway->registry());
  // The status and the owner are not the client's to choose.
  std::string body = by_topic(arrived, hook.url(), "full-resource");
  body.insert(body.find("\"reason\""),
              R"("extension":[{"url":"https://cpis-gateway.example/fhir/StructureDefinition/)"
              R"(cpis-subscription-owner","valueString":"far"}],)");
  const std::string made =
      gateway.request("POST", "/FHIR/R4/Subscription", json_type + as("ed"), body);
  BOOST_REQUIRE_MESSAGE(made.starts_with("201"), made);
  const std::string id = between(made, "\"id\":\"", "\"");
  const std::string place = "/FHIR/R4/Subscription/" + id;
  BOOST_TEST(gateway.get(place, as("ed")).starts_with("200"));
  for (const std::string& path : {place, place + "/$status", place + "/$events",
                                  place + "/_history/1", place + "/_history"}) {
    BOOST_TEST_CONTEXT(path) { BOOST_TEST(gateway.get(path, as("far")).starts_with("404")); }
  }
  for (const char* path :
       {"/FHIR/R4/Subscription?status=active,requested", "/FHIR/R4/Subscription/$status"}) {
    BOOST_TEST(has(gateway.get(path, as("far")), "\"total\":0"));
  }
  const std::string theirs = R"({"resourceType":"Subscription","id":")" + id + R"(",)" +
                             body.substr(body.find("\"status\""));
  BOOST_TEST(gateway.request("PUT", place, json_type + as("far"), theirs).starts_with("404"));
  static_cast<void>(gateway.request("DELETE", place, as("far"), ""));
  BOOST_TEST(gateway.get(place, as("ed")).starts_with("200"));
  // Who may not read Flags is not told of them.
  BOOST_TEST(gateway.request("POST", "/FHIR/R4/Subscription", json_type + as("ward"), body)
                 .starts_with("403"));
  // Another organisation hears nothing of an arrival here.
  BOOST_REQUIRE(gateway
                    .request("POST", "/FHIR/R4/Subscription", json_type + as("far"),
                             by_topic(arrived, far_hook.url(), "full-resource"))
                    .starts_with("201"));
  BOOST_REQUIRE_EQUAL(far_hook.wait_for(1).size(), 1U);
  BOOST_REQUIRE(
      eventually([&] { return has(gateway.get(place, as("ed")), "\"status\":\"active\""); }));
  BOOST_REQUIRE(has(gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1")), "AA"));
  const auto told = hook.wait_for(2);
  BOOST_REQUIRE_EQUAL(told.size(), 2U);
  BOOST_TEST(has(told[1].body, "event-notification"));
  BOOST_TEST(has(gateway.get("/FHIR/R4/Subscription/$status", as("far")),
                 R"("name":"events-since-subscription-start","valueString":"0")"));
  // What was told is in the audit, in the owner's name.
  std::size_t audited = 0;
  BOOST_REQUIRE(gateway.gateway->database().read([&](store::Session& session) {
    audited = 0;
    return store::AuditStore{}.read(session, 0, 10'000, [&](const store::AuditRow& row) -> Status {
      const bool ours = row.entry.action == "Subscription.notify" && row.entry.source == "ed" &&
                        row.entry.subject == child_on_plan &&
                        has(std::string{row.entry.detail}, "Flag/");
      audited += ours ? 1U : 0U;
      return done;
    });
  }));
  BOOST_TEST(audited == 1U);
  BOOST_TEST(gateway.request("DELETE", place, as("ed"), "").starts_with("204"));
}

BOOST_AUTO_TEST_CASE(the_console_hears_counts_as_they_change_and_no_person) {
  RunningGateway gateway;
  upload_people(gateway.gateway->registry());
  TcpClient client{gateway.gateway->http_port()};
  client.send("GET /admin/events HTTP/1.1\r\nHost: test\r\n\r\n");
  const std::string first = client.read_until("\"notices_delivered\":");
  BOOST_TEST(has(first, "text/event-stream"));
  BOOST_TEST(has(first, "\"checked\":0"));
  gateway.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  const std::string next = client.read_until("\"records\":1");
  BOOST_TEST(has(next, "event: counts"));
  BOOST_TEST(!has(next, std::string{child_on_plan}));
}

BOOST_AUTO_TEST_SUITE_END()
