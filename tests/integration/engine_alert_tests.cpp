// What a check found goes back to the interface engine as an HL7 v2 message over MLLP.

#include <boost/test/unit_test.hpp>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/header.h"
#include "gateway/mllp/mllp_server.h"
#include "gateway/net/loop_group.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(engine_alert_tests)

namespace {

/// An interface engine that takes messages and answers with one code.
class Engine final : public mllp::MllpHandler {
 public:
  explicit Engine(std::string code) : code_{std::move(code)} {
    net::ListenerSettings listener;
    listener.name = "engine";
    listener.protocol = mllp::mllp_protocol({}, *this);
    const auto port = group_.listen(std::move(listener));
    BOOST_REQUIRE(port);
    port_ = *port;
    group_.start();
  }
  ~Engine() override { group_.drain(std::chrono::milliseconds{100}); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void handle(mllp::MllpMessage&& message, mllp::MllpReply&& reply) override {
    const std::lock_guard lock{mutex_};
    received_.push_back(message.bytes);
    reply.send("MSH|^~\\&|EPR|RXX|||20260105||ACK|1|P|2.4\rMSA|" + code_ + '|' +
               std::string{hl7v2::read_header(message.bytes).control_id} + '\r');
  }
  std::vector<std::string> received() const {
    const std::lock_guard lock{mutex_};
    return received_;
  }
  std::string config(std::string_view more = "") const {
    return "feed.ed.alert.to = 127.0.0.1:" + std::to_string(port_) + '\n' + std::string{more};
  }

 private:
  std::string code_;
  mutable std::mutex mutex_;
  std::vector<std::string> received_;
  std::uint16_t port_ = 0;
  net::LoopGroup group_{net::LoopSettings{1, 100, 100, [](const char*) {}}};
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_engine_is_told_once_what_is_held) {
  const Engine engine{"AA"};
  RunningGateway running{engine.config("feed.ed.alert.receiving_application = EPR\n")};
  upload_people(running.gateway->registry());
  running.send(adt("A04", child_on_plan, "20180412", "E", "EN1", "E1"));
  BOOST_REQUIRE(eventually([&] { return engine.received().size() == 1; }));
  const std::string message = engine.received().front();
  BOOST_TEST(has(message, "|EPR|"));
  BOOST_TEST(has(message, "ADT^A08^ADT_A01"));
  BOOST_TEST(has(message, std::string{child_on_plan} + "^^^NHS^NH"));
  BOOST_TEST(has(message, "|EN1"));
  BOOST_TEST(has(message, "Testshire County Council"));
  BOOST_TEST(has(message, "01632960002"));
  BOOST_TEST(eventually([&] {
    return has(running.get("/metrics"), "cpis_engine_alerts_delivered_total{feed=\"ed\"} 1");
  }));
  // The same arrival again, an update and a restart tell nothing twice; no record tells nothing.
  running.send(adt("A04", child_on_plan, "20180412", "E", "EN1", "E1"));
  running.send(adt("A08", child_on_plan, "20180412", "E", "EN1", "E2"));
  running.send(adt("A04", child_without_record, "20180412", "E", "EN2", "E3"));
  running.settle();
  running.restart();
  running.settle();
  BOOST_TEST(engine.received().size() == 1U);
}

// A person who could not be asked about is told as such: nothing is known either way.
BOOST_AUTO_TEST_CASE(a_check_that_could_not_be_made_is_told_too) {
  const Engine engine{"AA"};
  RunningGateway running{engine.config()};
  running.send(adt("A04", "", "20180412", "E", "EN3", "E4"));
  BOOST_REQUIRE(eventually([&] { return engine.received().size() == 1; }));
  BOOST_TEST(has(engine.received().front(), "could not be checked. Nothing is known either way"));
  BOOST_TEST(!has(engine.received().front(), "NHS^NH"));
}

BOOST_AUTO_TEST_CASE(an_alert_that_the_engine_refuses_is_for_a_person_who_can_send_it_again) {
  const Engine engine{"AE"};
  RunningGateway running{engine.config()};
  upload_people(running.gateway->registry());
  running.send(adt("A04", child_on_plan, "20180412", "E", "EN4", "E5"));
  BOOST_REQUIRE(eventually([&] { return has(running.get("/admin/alerts"), "\"given_up\":1"); }));
  const std::string page = running.get("/admin/alerts");
  BOOST_TEST(has(page, "the engine refused the message: AE"));
  BOOST_TEST(has(running.get("/metrics"), "cpis_outbox_given_up 1"));
  const std::size_t at = page.find("\"id\":\"") + 6;
  const std::string id = page.substr(at, page.find('"', at) - at);
  BOOST_TEST(running.request("POST", "/admin/alerts/" + id + "/send-again", "", "").substr(0, 3) ==
             "200");
  BOOST_TEST(eventually([&] { return engine.received().size() == 2; }));
  BOOST_TEST(engine.received()[0] == engine.received()[1]);
  BOOST_TEST(running.request("POST", "/admin/alerts/1/send-again", "", "").substr(0, 3) == "404");
}

// MSH-11 T or D: kept and acknowledged, and nothing follows, unless the feed says otherwise.
BOOST_AUTO_TEST_CASE(a_test_message_alerts_nobody) {
  std::string test = adt("A04", child_on_plan, "20180412", "E", "EN5", "E6");
  test.replace(test.find("|P|2.4"), 6, "|T|2.4");
  {
    const Engine engine{"AA"};
    RunningGateway running{engine.config()};
    upload_people(running.gateway->registry());
    BOOST_TEST(has(running.send(test), "|T|2.4\rMSA|AA|E6"));
    running.settle();
    BOOST_TEST(has(running.get("/metrics"), "cpis_messages_test_total 1"));
    BOOST_TEST(has(running.get("/metrics"), "cpis_checks_asked_total 0"));
    BOOST_TEST(has(running.get("/FHIR/R4/Encounter?patient=" + std::string{child_on_plan}),
                   "\"total\":0"));
    BOOST_TEST(engine.received().empty());
  }
  const Engine engine{"AA"};
  RunningGateway running{engine.config("feed.ed.test_messages = process\n")};
  upload_people(running.gateway->registry());
  running.send(test);
  BOOST_REQUIRE(eventually([&] { return engine.received().size() == 1; }));
  // The alert about a test never looks like production.
  BOOST_TEST(has(engine.received().front(), "|T|2.4"));
}

// The stored messages: shown without names, whole only for those who may, worked on again on
// demand.
BOOST_AUTO_TEST_CASE(stored_messages_are_listed_shown_and_replayed) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  running.send(adt("A04", child_on_plan, "20180412", "E", "EN6", "E7"));
  running.send("no HL7 at all");
  running.settle();
  const std::string list = running.get("/admin/messages?state=finished");
  BOOST_TEST(has(list, "\"control_id\":\"E7\""));
  BOOST_TEST(!has(list, "SAMPLE"));
  BOOST_TEST(has(running.get("/admin/messages?state=quarantined"), "\"reason\""));
  BOOST_TEST(running.get("/admin/messages?state=lost").substr(0, 3) == "400");
  const std::size_t at = list.find("\"id\":\"") + 6;
  const std::string id = list.substr(at, list.find('"', at) - at);
  const std::string shown = running.get("/admin/messages/" + id);
  BOOST_TEST(has(shown, "A04"));
  BOOST_TEST(!has(shown, "SAMPLE"));
  BOOST_TEST(!has(shown, std::string{child_on_plan}));
  BOOST_TEST(has(running.get("/admin/messages/" + id + "?full=yes"), "SAMPLE"));
  BOOST_TEST(running.get("/admin/messages/999").substr(0, 3) == "404");
  const std::string again = running.request("POST", "/admin/messages/" + id + "/replay", "", "");
  BOOST_TEST(has(again, "\"replayed\":1"));
  running.settle();
  BOOST_TEST(
      has(running.request("POST", "/admin/messages/replay?from=1", "", ""), "\"replayed\":2"));
  running.settle();
  // Worked on three times, asked about once.
  BOOST_TEST(
      eventually([&] { return has(running.get("/metrics"), "cpis_messages_processed_total 3"); }));
  BOOST_TEST(has(running.get("/admin/accesses"), "\"shown\":1"));
  BOOST_TEST(has(running.get("/metrics"), "cpis_feed_messages_received_total{feed=\"ed\"} 2"));
  BOOST_TEST(has(running.get("/metrics"), "cpis_feed_messages_quarantined{feed=\"ed\"} 1"));
}

BOOST_AUTO_TEST_CASE(a_whole_message_is_only_for_those_who_may_read_it) {
  RunningGateway running{
      "http.auth = token\n"
      "client.ops.token = "
      "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n"
      "client.ops.organisation_code = RXX01\nclient.ops.organisation_name = Testshire Royal\n"
      "client.ops.role_code = R0260\nclient.ops.role_name = Operator\n"
      "client.ops.person_name = Op Erator\nclient.ops.user_id = t2\nclient.ops.admin = yes\n"};
  running.send(adt("A04", child_on_plan, "20180412", "E", "EN7", "E8"));
  const std::string token = "Authorization: Bearer secret\r\n";
  std::string list;
  BOOST_REQUIRE(eventually([&] {
    list = running.get("/admin/messages?state=finished", token);
    return has(list, "E8");
  }));
  const std::size_t at = list.find("\"id\":\"") + 6;
  const std::string id = list.substr(at, list.find('"', at) - at);
  BOOST_TEST(running.get("/admin/messages/" + id, token).substr(0, 3) == "200");
  BOOST_TEST(running.get("/admin/messages/" + id + "?full=yes", token).substr(0, 3) == "403");
  BOOST_TEST(running.get("/admin/messages/" + id).substr(0, 3) == "401");
}

BOOST_AUTO_TEST_SUITE_END()
