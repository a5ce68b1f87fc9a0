#include "gateway/usecases/send_engine_alerts.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/open.h"
#include "tests/support/scratch_folder.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::usecases;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(send_engine_alerts_tests)

namespace {

struct SetClock final : Clock {
  Time at = *parse_iso_time("2026-01-05T09:00:00Z");
  Time now() const override { return at; }
};

const std::string alert = "MSH|^~\\&|CPIS-GATEWAY||||20260105||ADT^A08|77|P|2.4\rPID|1\r";

std::string ack(std::string_view code, std::string_view control_id = "77") {
  return "MSH|^~\\&|EPR||||20260105||ACK|1|P|2.4\rMSA|" + std::string{code} + '|' +
         std::string{control_id} + "\r";
}

/// A store with one alert for the engine of feed `ed`, and an engine that answers as told.
struct Fixture {
  Fixture() {
    auto opened = store::open_database("sqlite:" + folder.file("alerts.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    append(77, engine_alert_kind, "ed");
    sender = std::make_unique<SendEngineAlerts>(
        SendEngineAlerts::Parts{*database, clock},
        std::vector<SendEngineAlerts::Destination>{
            {"ed",
             [this](const std::string& message) { return engine(message); },
             {5s, 15min, 3}}});
  }
  void append(std::int64_t id, std::string_view kind, std::string_view destination) {
    BOOST_REQUIRE(database->write([&](store::Session& session) {
      return store::OutboxStore{}.append(
          session, {id, kind, destination, std::nullopt, "q", "text/plain", alert, clock.now()});
    }));
  }
  Result<std::string> engine(const std::string& message) {
    received.push_back(message);
    return answer;
  }
  std::size_t step() {
    const auto tried = sender->step(0);
    BOOST_REQUIRE(tried);
    return *tried;
  }
  store::OutboxItem item(std::int64_t id = 77) {
    std::optional<store::OutboxItem> found;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      auto one = store::OutboxStore{}.find(session, id);
      if (!one) return one.error();
      found = *std::move(one);
      return done;
    }));
    BOOST_REQUIRE(found.has_value());
    return *found;
  }
  const test::ScratchFolder folder;
  SetClock clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<SendEngineAlerts> sender;
  std::vector<std::string> received;
  Result<std::string> answer{Error{ErrorKind::unavailable, "MLLP: no connection"}};
};

struct Case {
  std::string answer;
  store::OutboxState state;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const Case cases[] = {
    {ack("AA"), store::OutboxState::delivered, "accepted"},
    {ack("CA"), store::OutboxState::delivered, "accepted in enhanced mode"},
    {ack("AE"), store::OutboxState::dead, "the engine will never take it"},
    {ack("CE"), store::OutboxState::dead, "the same in enhanced mode"},
    {ack("AR"), store::OutboxState::waiting, "not now"},
    {ack("XX"), store::OutboxState::waiting, "no code that is known"},
    {ack("AA", "76"), store::OutboxState::waiting, "an answer to another message is no answer"},
    {"HTTP/1.1 400", store::OutboxState::waiting, "no acknowledgement at all"},
    {"", store::OutboxState::waiting, "an empty frame"},
};

}  // namespace

BOOST_DATA_TEST_CASE_F(Fixture, what_becomes_of_an_alert_depends_on_the_answer, data::make(cases),
                       c) {
  answer = c.answer;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(step() == 1U);
    BOOST_TEST((item().state == c.state));
  }
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_is_away_gets_the_same_message_later, Fixture) {
  BOOST_TEST(step() == 1U);
  BOOST_TEST((item().state == store::OutboxState::waiting));
  BOOST_TEST(item().last_error == "MLLP: no connection");
  BOOST_TEST(step() == 0U);  // not before its time
  clock.at += 10s;
  answer = ack("AA");
  BOOST_TEST(step() == 1U);
  BOOST_TEST((item().state == store::OutboxState::delivered));
  BOOST_REQUIRE_EQUAL(received.size(), 2U);
  BOOST_TEST(received[0] == received[1]);
  const auto counts = sender->counts();
  BOOST_REQUIRE_EQUAL(counts.size(), 1U);
  BOOST_TEST(counts[0].delivered == 1U);
  BOOST_TEST(counts[0].failed == 1U);
}

BOOST_FIXTURE_TEST_CASE(after_the_last_attempt_a_person_sees_it_and_can_ask_for_more, Fixture) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    BOOST_TEST(step() == 1U);
    clock.at += 1h;
  }
  BOOST_TEST((item().state == store::OutboxState::dead));
  BOOST_TEST(step() == 0U);
  BOOST_REQUIRE(database->write([&](store::Session& session) {
    return store::OutboxStore{}.requeue(session, 77, clock.now());
  }));
  answer = ack("AA");
  BOOST_TEST(step() == 1U);
  BOOST_TEST((item().state == store::OutboxState::delivered));
}

BOOST_FIXTURE_TEST_CASE(only_messages_for_this_engine_are_sent_to_it, Fixture) {
  append(78, engine_alert_kind, "maternity");
  append(79, "alert.webhook", "ed");
  answer = ack("AA");
  BOOST_TEST(step() == 1U);
  BOOST_TEST(step() == 0U);
  BOOST_TEST((item(78).state == store::OutboxState::waiting));
  BOOST_TEST((item(79).state == store::OutboxState::waiting));
}

BOOST_AUTO_TEST_SUITE_END()
