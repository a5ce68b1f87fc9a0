#include "conformance/peers/hospital/feed.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/core/rules/visit_state.h"
#include "adapters/core/rules/who_is_checked.h"
#include "adapters/hl7v2/understanding.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::hospital;

BOOST_AUTO_TEST_SUITE(hospital_feed_tests)

namespace {

const Time monday = *parse_iso_time("2026-01-05T00:00:00Z");

FeedPerson child() {
  return {NhsNumber::parse("9991000003"),
          "Fern & Co",
          "O'Oak|^",
          Date{std::chrono::year{2019}, std::chrono::April, std::chrono::day{1}},
          Sex::female,
          false};
}

std::vector<FeedMessage> first(HospitalFeed feed, std::size_t count) {
  std::vector<FeedMessage> messages;
  while (messages.size() < count) messages.push_back(feed.next());
  return messages;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_bytes) {
  const auto one = first(HospitalFeed{{.seed = 7}, {child()}, monday}, 300);
  const auto two = first(HospitalFeed{{.seed = 7}, {child()}, monday}, 300);
  const auto other = first(HospitalFeed{{.seed = 8}, {child()}, monday}, 300);
  std::size_t alike = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    BOOST_REQUIRE_EQUAL(one[i].text, two[i].text);
    alike += one[i].text == other[i].text ? 1U : 0U;
  }
  BOOST_TEST(alike == 0U);
}

BOOST_AUTO_TEST_CASE(messages_come_in_order_of_time_and_are_all_understood) {
  Time before = monday;
  std::map<std::string, int> stories;
  std::set<std::string> control_ids;
  for (const FeedMessage& message : first(HospitalFeed{{.seed = 3}, {child()}, monday}, 3000)) {
    BOOST_REQUIRE((message.at >= before));
    before = message.at;
    ++stories[message.story];
    const bool new_id = control_ids.insert(message.control_id).second;
    BOOST_TEST(new_id == (message.story != "re-send"));
    const hl7v2::Understanding u = hl7v2::understand(message.text, {});
    BOOST_TEST_CONTEXT(message.story << " " << name_of(message.dialect)) {
      BOOST_REQUIRE(u.event);
      BOOST_TEST(u.event->trigger == message.trigger);
      BOOST_TEST(u.event->control_id == message.control_id);
      BOOST_TEST((u.event->patient.nhs_number == message.person.nhs_number));
      for (const Finding& finding : u.findings) BOOST_TEST((finding.severity < Severity::error));
    }
  }
  for (const char* story :
       {"arrival", "update", "move", "admitted to a ward", "discharge", "arrival cancelled",
        "re-send", "late update", "arrival, not identified", "records merged"}) {
    BOOST_TEST(stories[story] > 0, story);
  }
}

// Every dialect has to say the same about the same child.
BOOST_DATA_TEST_CASE(every_dialect_tells_an_arrival_that_is_checked,
                     data::xrange(all_dialects.size()), index) {
  const Dialect dialect = all_dialects.at(index);
  BOOST_TEST_MESSAGE(name_of(dialect));
  HospitalFeed feed{{.site_ods = "RXX05"}, {}, monday};
  const Time arrival = *parse_iso_time("2026-07-05T09:15:00Z");
  const FeedMessage message = feed.arrival_of(child(), arrival, dialect);
  const hl7v2::Understanding u = hl7v2::understand(message.text, {});
  BOOST_REQUIRE(u.event);
  const AdtEvent& event = *u.event;
  BOOST_TEST((event.action == AdtAction::arrive));
  BOOST_REQUIRE(event.visit);
  BOOST_TEST((event.visit->started == arrival));
  BOOST_TEST(event.visit->site_ods == "RXX05");
  BOOST_TEST(event.organisation_ods == "RXX");
  BOOST_TEST(event.details.names.at(0).family == "O'Oak|^");
  BOOST_TEST(event.details.names.at(0).given.at(0) == "Fern & Co");
  BOOST_TEST((event.details.birth_date == child().birth_date));
  BOOST_TEST((event.details.sex == Sex::female));
  const auto state = rules::state_after(VisitState::unknown, event);
  const auto decision = rules::who_is_checked(event.patient, event.details, *event.visit, state,
                                              london_date(arrival), {});
  BOOST_TEST((decision == rules::CheckDecision::check_child));
}

BOOST_AUTO_TEST_CASE(a_visit_has_one_number_from_arrival_to_discharge) {
  HospitalFeed feed{{.share_updated = 1, .share_moved = 1, .share_admitted = 1}, {}, monday};
  const auto messages = feed.visit_of(child(), monday, Dialect::epic);
  BOOST_REQUIRE_EQUAL(messages.size(), 5U);
  std::set<std::string> numbers;
  for (const FeedMessage& message : messages) {
    const hl7v2::Understanding u = hl7v2::understand(message.text, {});
    BOOST_REQUIRE((u.event && u.event->visit));
    numbers.insert(u.event->visit->number);
  }
  BOOST_TEST(numbers.size() == 1U);
  BOOST_TEST(messages.front().trigger == "A01");
  BOOST_TEST(messages.back().trigger == "A03");
}

BOOST_AUTO_TEST_CASE(arrivals_follow_the_hours_of_the_day) {
  std::size_t night = 0;
  std::size_t evening = 0;
  HospitalFeed feed{{.seed = 5}, {}, monday};
  for (FeedMessage message = feed.next(); message.at < monday + std::chrono::hours{24 * 5};
       message = feed.next()) {
    if (message.story != "arrival") continue;
    const auto hour = std::chrono::duration_cast<std::chrono::hours>(
                          message.at - std::chrono::floor<std::chrono::days>(message.at))
                          .count();
    night += hour >= 2 && hour < 6 ? 1U : 0U;
    evening += hour >= 16 && hour < 20 ? 1U : 0U;
  }
  BOOST_TEST(night > 50U);
  BOOST_TEST(evening > 2 * night);
}

BOOST_AUTO_TEST_CASE(dialects_are_known_by_name) {
  for (const Dialect dialect : all_dialects) {
    BOOST_TEST((dialect_named(name_of(dialect)) == dialect));
  }
  BOOST_TEST(!dialect_named("klingon"));
}

BOOST_AUTO_TEST_SUITE_END()
