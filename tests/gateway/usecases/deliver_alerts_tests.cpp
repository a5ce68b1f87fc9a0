#include "gateway/usecases/deliver_alerts.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "gateway/store/open.h"
#include "tests/support/scratch_folder.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::usecases;
using namespace std::chrono_literals;
using store::OutboxState;

BOOST_AUTO_TEST_SUITE(deliver_alerts_tests)

namespace {

struct SetClock final : Clock {
  Time at = *parse_iso_time("2026-01-05T09:00:00Z");
  Time now() const override { return at; }
};

const std::string hook = "http://127.0.0.1/hook";

/// A store with alerts owed, and gateways on it that deliver them to one webhook.
struct Fixture {
  Fixture() {
    auto opened = store::open_database("sqlite:" + folder.file("alerts.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
  }
  std::unique_ptr<DeliverAlerts> gateway(const std::string& name) {
    return std::make_unique<DeliverAlerts>(DeliverAlerts::Parts{
        *database, clock,
        [this](const std::string&, const std::string&, const std::string&, const std::string& id) {
          posted.push_back(id);
          return answer;
        },
        name, store::RetryPolicy{4s, 1min, 3}});
  }
  void owe(std::int64_t id, std::string_view kind, std::string_view destination,
           std::string_view attendance) {
    BOOST_REQUIRE(database->write([&](store::Session& session) {
      return store::OutboxStore{}.append(
          session, {id, kind, destination, attendance, "q", "application/fhir+json",
                    std::to_string(id) + "\n", clock.now()});
    }));
  }
  OutboxState state(std::int64_t id) {
    OutboxState found = OutboxState::dead;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      const auto one = store::OutboxStore{}.find(session, id);
      if (!one) return one.error();
      BOOST_REQUIRE(one->has_value());
      found = (*one)->state;
      return done;
    }));
    return found;
  }
  static std::size_t step(DeliverAlerts& gateway) {
    const auto tried = gateway.step();
    BOOST_REQUIRE(tried);
    return *tried;
  }

  const test::ScratchFolder folder;
  SetClock clock;
  std::unique_ptr<store::Database> database;
  std::vector<std::string> posted;
  Result<int> answer = 200;
};

struct Case {
  Result<int> answer;
  OutboxState state;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const Case cases[] = {
    {200, OutboxState::delivered, "taken"},
    {204, OutboxState::delivered, "taken without a word"},
    {404, OutboxState::dead, "nobody there will ever take it"},
    {302, OutboxState::waiting, "sent elsewhere: a redirect is not followed"},
    {408, OutboxState::waiting, "too slow"},
    {425, OutboxState::waiting, "too early"},
    {429, OutboxState::waiting, "too many"},
    {503, OutboxState::waiting, "busy"},
    {Error{ErrorKind::unavailable, "no connection"}, OutboxState::waiting, "nobody there now"},
};

}  // namespace

BOOST_DATA_TEST_CASE_F(Fixture, what_becomes_of_an_alert_depends_on_the_answer, data::make(cases),
                       c) {
  owe(1, "alert.webhook", hook, "visit");
  answer = c.answer;
  const auto one = gateway("one");
  BOOST_TEST(step(*one) == 1U);
  BOOST_TEST(step(*one) == 0U);  // notes the outcome; nothing is due at once
  BOOST_TEST((state(1) == c.state));
}

// While one gateway is sending, a second one, or the first one started again under another name,
// must not send the same alert.
BOOST_FIXTURE_TEST_CASE(an_alert_under_way_is_not_taken_by_another_gateway, Fixture) {
  owe(1, "alert.webhook", hook, "visit");
  const auto one = gateway("one");
  const auto two = gateway("two");
  BOOST_TEST(step(*one) == 1U);
  BOOST_TEST((state(1) == OutboxState::working));
  clock.at += 4min;
  BOOST_TEST(step(*two) == 0U);
  BOOST_TEST(step(*one) == 0U);
  BOOST_TEST((state(1) == OutboxState::delivered));
  BOOST_TEST(posted == std::vector<std::string>{"1"});
}

// The claim ends with its time, so that an alert of a gateway that died is not lost with it.
BOOST_FIXTURE_TEST_CASE(an_alert_of_a_gateway_that_died_goes_out_through_another, Fixture) {
  owe(1, "alert.webhook", hook, "visit");
  const auto one = gateway("one");
  const auto two = gateway("two");
  BOOST_TEST(step(*one) == 1U);
  clock.at += 5min;
  BOOST_TEST(step(*two) == 1U);
  BOOST_TEST(step(*two) == 0U);
  BOOST_TEST((state(1) == OutboxState::delivered));
}

BOOST_FIXTURE_TEST_CASE(alerts_of_one_attendance_keep_their_order_and_others_go_on, Fixture) {
  owe(1, "alert.webhook", hook, "visit");
  owe(2, "alert.webhook", hook, "visit");
  owe(3, "alert.webhook", hook, "another visit");
  const auto one = gateway("one");
  answer = 503;
  BOOST_TEST(step(*one) == 2U);
  BOOST_TEST((posted == std::vector<std::string>{"1", "3"}));
  BOOST_TEST(step(*one) == 0U);
  answer = 200;
  clock.at += 10s;
  BOOST_TEST(step(*one) == 2U);
  BOOST_TEST(step(*one) == 1U);
  BOOST_TEST(posted.size() == 5U);
  BOOST_TEST(posted.back() == "2");
}

BOOST_FIXTURE_TEST_CASE(lines_are_appended_in_order_and_a_folder_that_is_gone_is_tried_again,
                        Fixture) {
  const std::string file = folder.file("alerts.jsonl");
  owe(1, "alert.file", file, "visit");
  owe(2, "alert.file", file, "another visit");
  owe(3, "alert.file", folder.file("gone/alerts.jsonl"), "visit");
  const auto one = gateway("one");
  BOOST_TEST(step(*one) == 3U);
  BOOST_TEST(step(*one) == 0U);
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  BOOST_TEST(text == "1\n2\n");
  BOOST_TEST((state(2) == OutboxState::delivered));
  BOOST_TEST((state(3) == OutboxState::waiting));
}

BOOST_AUTO_TEST_SUITE_END()
