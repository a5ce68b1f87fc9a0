// Alerts pushed over the websocket of the R4 backport, to a client that comes to us.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "gateway/http/websocket.h"
#include "gateway/store/audit_store.h"
#include "tests/integration/front_door_world.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(websocket_subscription_tests)

namespace {

const std::string json_type = "Content-Type: application/fhir+json\r\n";
const std::string arrived =
    "https://cpis-gateway.example/fhir/SubscriptionTopic/person-with-a-record-has-arrived";
const std::string backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n";
const std::string version = "Sec-WebSocket-Version: 13\r\n";
constexpr int close_opcode = 8;
constexpr int ping_opcode = 9;

std::string subscription(const std::string& criteria = arrived,
                         const std::string& more_of_channel = "") {
  return R"({"resourceType":"Subscription","status":"requested","reason":"ED screen",)"
         R"("criteria":")" +
         criteria + R"(","channel":{"type":"websocket","payload":"application/fhir+json",)" +
         R"("_payload":{"extension":[{"url":")" + backport +
         R"(backport-payload-content","valueCode":"id-only"}]})" + more_of_channel + "}}";
}

/// A client of RFC 6455, of which it knows as much as the tests need.
class Listener {
 public:
  explicit Listener(const RunningGateway& gateway) : tcp_{gateway.gateway->http_port()} {
    tcp_.send("GET /subscriptions/websocket HTTP/1.1\r\nHost: test\r\n" + upgrade + version + key +
              "\r\n");
    const std::string head = tcp_.read_until("\r\n\r\n");
    BOOST_REQUIRE(head.starts_with("HTTP/1.1 101 "));
    BOOST_TEST(has(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  }
  void say(std::string_view text, unsigned first = 0x81) {
    std::string frame{static_cast<char>(first)};
    if (text.size() < 126) {
      frame += static_cast<char>(0x80U | text.size());
    } else {
      frame += '\xfe';
      frame += static_cast<char>(text.size() >> 8U);
      frame += static_cast<char>(text.size() & 0xFFU);
    }
    frame += std::string(4, '\0');  // a mask that changes nothing
    tcp_.send(frame + std::string{text});
  }
  void bind(const std::string& token) { say("bind-with-token " + token); }
  struct Frame {
    int opcode;
    std::string payload;
  };
  /// The next frame that is not a ping: those come when the machine takes its time.
  Frame hear() {
    Frame frame = next();
    while (frame.opcode == ping_opcode) frame = next();
    return frame;
  }
  /// As many pongs as this, in one write: all in the same second for whoever counts them.
  void flood(int frames) {
    std::string all;
    for (int i = 0; i < frames; ++i) all += std::string{"\x8A\x80\0\0\0\0", 6};
    tcp_.send(all);
  }
  /// The code that it is let go with.
  int closed() {
    const Frame frame = hear();
    BOOST_REQUIRE_EQUAL(frame.opcode, close_opcode);
    BOOST_TEST(tcp_.read_to_end().empty());
    return static_cast<unsigned char>(frame.payload[0]) << 8 |
           static_cast<unsigned char>(frame.payload[1]);
  }
  void end() { tcp_.reset(); }

 private:
  Frame next() {
    const std::string head = tcp_.read(2);
    std::size_t size = static_cast<unsigned char>(head[1]);
    const std::size_t more = size == 127 ? 8U : size == 126 ? 2U : 0U;
    if (more > 0) {
      size = 0;
      for (const char byte : tcp_.read(more)) size = size << 8U | static_cast<unsigned char>(byte);
    }
    return {static_cast<unsigned char>(head[0]) & 0x0F, tcp_.read(size)};
  }
  TcpClient tcp_;
};

struct World : RunningGateway {
  World() {
    upload_people(gateway->registry());
    const std::string made = request("POST", "/FHIR/R4/Subscription", json_type, subscription());
    BOOST_REQUIRE_MESSAGE(made.starts_with("201"), made);
    id = between(made, "\"id\":\"", "\"");
  }
  std::string token() const {
    const std::string answer = get("/FHIR/R4/Subscription/" + id + "/$get-ws-binding-token");
    BOOST_REQUIRE_MESSAGE(answer.starts_with("200"), answer);
    BOOST_TEST(has(answer, "/subscriptions/websocket"));
    return between(answer, R"("name":"token","valueString":")", "\"");
  }
  bool is(std::string_view status) const {
    return has(get("/FHIR/R4/Subscription/" + id), "\"status\":\"" + std::string{status} + '"');
  }
  void arrive(const std::string& visit) const {
    BOOST_REQUIRE(
        has(send(adt("A04", child_on_plan, "20180412", "E", visit, "C" + visit)), "MSA|AA"));
  }
  bool counts(int events) const {
    return has(get("/FHIR/R4/Subscription/" + id + "/$status"),
               R"("name":"events-since-subscription-start","valueString":")" +
                   std::to_string(events) + '"');
  }
  /// The gateway has noticed that every other connection ended.
  bool alone() const { return has(get("/metrics"), "\ncpis_connections_open 1\n"); }
  std::string id;
};

std::string number(int event) {
  return R"("name":"event-number","valueString":")" + std::to_string(event) + '"';
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_bound_client_gets_its_handshake_and_then_what_happens_in_order) {
  const World world;
  BOOST_TEST(world.is("requested"));
  Listener listener{world};
  listener.bind(world.token());
  BOOST_TEST(has(listener.hear().payload, "\"valueCode\":\"handshake\""));
  BOOST_REQUIRE(eventually([&] { return world.is("active"); }));
  BOOST_TEST(has(world.get("/metrics"), "cpis_websockets_open 1\n"));
  world.arrive("V1");
  const std::string first = listener.hear().payload;
  BOOST_TEST(has(first, "\"valueCode\":\"event-notification\""));
  BOOST_TEST(has(first, number(1)));
  BOOST_TEST(has(first, "Encounter/"));
  BOOST_TEST(!has(first, child_on_plan));
  listener.say("are you there", 0x89);
  const Listener::Frame pong = listener.hear();
  BOOST_TEST(pong.opcode == 10);
  BOOST_TEST(pong.payload == "are you there");
  // While nobody listens, it waits; whoever comes again is told, in order.
  listener.end();
  BOOST_REQUIRE(eventually([&] { return world.alone(); }));
  world.arrive("V2");
  world.arrive("V3");
  BOOST_REQUIRE(eventually([&] { return world.counts(3); }));
  Listener again{world};
  again.bind(world.token());
  BOOST_TEST(has(again.hear().payload, "\"valueCode\":\"handshake\""));
  // What was handed to a connection that had broken already may be missing: its number says so.
  std::string next = again.hear().payload;
  if (has(next, number(2))) next = again.hear().payload;
  BOOST_TEST(has(next, number(3)));
  BOOST_TEST(world.is("active"));
}

BOOST_AUTO_TEST_CASE(events_wait_for_a_client_across_a_restart) {
  World world;
  {
    Listener listener{world};
    listener.bind(world.token());
    BOOST_TEST(has(listener.hear().payload, "handshake"));
    BOOST_REQUIRE(eventually([&] { return world.is("active"); }));
    listener.say("", 0x88);
    BOOST_TEST(listener.closed() == http::websocket_normal);
  }
  world.arrive("V1");
  world.arrive("V2");
  BOOST_REQUIRE(eventually([&] { return world.counts(2); }));
  world.restart();
  Listener listener{world};
  listener.bind(world.token());
  BOOST_TEST(has(listener.hear().payload, "\"valueCode\":\"handshake\""));
  BOOST_TEST(has(listener.hear().payload, number(1)));
  BOOST_TEST(has(listener.hear().payload, number(2)));
  // Each was in the audit, once, before it was told.
  std::size_t told = 0;
  BOOST_REQUIRE(world.gateway->database().read([&](store::Session& session) {
    told = 0;
    return store::AuditStore{}.read(session, 0, 10'000, [&](const store::AuditRow& row) -> Status {
      told += row.entry.action == "Subscription.notify" ? 1U : 0U;
      return done;
    });
  }));
  BOOST_TEST(told == 2U);
}

BOOST_AUTO_TEST_CASE(a_token_binds_once_and_the_last_binding_counts) {
  const World world;
  Listener first{world}, second{world};
  const std::string token = world.token();
  first.bind(token);
  BOOST_TEST(has(first.hear().payload, "handshake"));
  second.bind(token);
  BOOST_TEST(second.closed() == http::websocket_policy);
  Listener third{world};
  third.bind(world.token());
  BOOST_TEST(first.closed() == http::websocket_normal);
  BOOST_TEST(has(third.hear().payload, "handshake"));
  // The end of the subscription is the end of the connection.
  BOOST_TEST(
      world.request("DELETE", "/FHIR/R4/Subscription/" + world.id, "", "").starts_with("204"));
  BOOST_TEST(third.closed() == http::websocket_normal);
}

namespace {

struct Saying {
  std::string text;
  unsigned first;
  int code;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Saying& c) { return out << c.why; }
const Saying sayings[] = {
    {"bind-with-token ", 0x81, http::websocket_policy, "no token"},
    {"bind-with-token abc", 0x81, http::websocket_policy, "a token that is none of ours"},
    {"bind 1", 0x81, http::websocket_policy, "R4's own binding, which needs no token"},
    {"hello", 0x81, http::websocket_policy, "something else"},
    {"hello", 0x82, http::websocket_policy, "bytes"},
    {"x", 0x83, http::websocket_protocol_error, "a reserved opcode"},
    {std::string(5'000, 'x'), 0x81, http::websocket_too_big, "too much at once"},
    {"\xff", 0x81, http::websocket_bad_text, "no UTF-8"},
};

struct Handshake {
  std::string headers;
  std::string_view status, why;
};
std::ostream& operator<<(std::ostream& out, const Handshake& c) { return out << c.why; }
const Handshake handshakes[] = {
    {"", "426", "a plain request"},
    {upgrade + key, "426", "no version"},
    {upgrade + key + "Sec-WebSocket-Version: 8\r\n", "426", "an older version"},
    {"Connection: Upgrade\r\n" + version + key, "426", "no Upgrade"},
    {"Upgrade: websocket\r\n" + version + key, "426", "no Connection"},
    {upgrade + version, "400", "no key"},
    {upgrade + version + "Sec-WebSocket-Key: abc\r\n", "400", "a key that is none"},
    {upgrade + version + key + "Origin: https://elsewhere.example\r\n", "403",
     "a page of another site"},
};

struct Wrong {
  std::string body;
  std::string_view says, why;
};
std::ostream& operator<<(std::ostream& out, const Wrong& c) { return out << c.why; }
const Wrong wrongs[] = {
    {subscription(arrived, R"(,"endpoint":"https://a.example")"), "has none", "an endpoint"},
    {subscription(arrived, R"(,"header":["A: b"])"), "no headers", "headers"},
    {subscription("Encounter?topic=person-with-a-record-has-arrived"), "topic by its url",
     "the classic form"},
};

}  // namespace

BOOST_DATA_TEST_CASE(whoever_says_something_else_is_let_go, data::make(sayings), row) {
  const RunningGateway gateway;
  Listener listener{gateway};
  listener.say(row.text, row.first);
  BOOST_TEST(listener.closed() == row.code);
}

BOOST_DATA_TEST_CASE(a_handshake_that_is_not_the_standards_is_refused, data::make(handshakes),
                     row) {
  const RunningGateway gateway;
  BOOST_TEST(gateway.get("/subscriptions/websocket", row.headers).starts_with(row.status));
}

BOOST_DATA_TEST_CASE(a_websocket_that_cannot_be_served_is_not_taken, data::make(wrongs), row) {
  const RunningGateway gateway;
  const std::string answer = gateway.request("POST", "/FHIR/R4/Subscription", json_type, row.body);
  BOOST_TEST_CONTEXT(answer) {
    BOOST_TEST(answer.starts_with("422"));
    BOOST_TEST(has(answer, row.says));
  }
}

BOOST_AUTO_TEST_CASE(a_client_that_floods_is_let_go) {
  const RunningGateway gateway;
  Listener listener{gateway};
  listener.flood(101);
  BOOST_TEST(listener.closed() == http::websocket_policy);
}

BOOST_AUTO_TEST_CASE(a_token_is_for_the_owner_of_an_open_websocket_subscription) {
  const World world;
  const std::string end = "/$get-ws-binding-token";
  BOOST_TEST(world.get("/FHIR/R4/Subscription/none" + end).starts_with("404"));
  BOOST_TEST(world.get("/FHIR/R4/Subscription" + end).starts_with("400"));
  BOOST_TEST(world.get("/FHIR/R4/Subscription" + end + "?id=" + world.id).starts_with("200"));
  BOOST_TEST(world.get("/FHIR/R4/Subscription" + end + "?ids=" + world.id).starts_with("400"));
  const FrontDoorWorld door;
  BOOST_TEST(door.get("/FHIR/R4/Subscription/" + world.id + end, "").starts_with("401"));
}

BOOST_AUTO_TEST_SUITE_END()
