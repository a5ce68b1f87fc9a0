#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <map>
#include <set>

#include "tests/integration/spine/desk_spine.h"
#include "tests/support/spine_names.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(spine_misbehaviour)

namespace {

using M = peers::Misbehaviour;
using P = spine::Pattern;

enum class Told { records, none, unknown };

struct Row {
  M fault;
  Told sync, express, reliable;
};

// What a caller is told when the national service misbehaves so. `unknown` stands for every kind of
// "could not be asked"; "none" is only ever told for NRF.
const Row rows[] = {
    {M::none, Told::records, Told::records, Told::records},
    {M::late, Told::unknown, Told::unknown, Told::unknown},
    {M::never, Told::unknown, Told::unknown, Told::unknown},
    {M::twice, Told::records, Told::records, Told::records},
    {M::cut_off, Told::unknown, Told::records, Told::records},
    {M::wrong_reference, Told::records, Told::unknown, Told::unknown},
    {M::http_500, Told::unknown, Told::unknown, Told::unknown},
    {M::soap_fault, Told::unknown, Told::unknown, Told::unknown},
    {M::passing_fault, Told::records, Told::records, Told::records},
    {M::mcci_error, Told::unknown, Told::unknown, Told::unknown},
    {M::nrf, Told::none, Told::none, Told::none},
    {M::garbage, Told::unknown, Told::unknown, Told::unknown},
    {M::slow_drip, Told::unknown, Told::records, Told::records},
};
constexpr std::size_t faults = std::size(rows);

// About how many people a question has reached Spine.
std::size_t asked_about(test::DeskSpine& desk) {
  std::set<NhsNumber> people;
  for (const peers::SeenQuery& query : desk.spine().seen()) people.insert(query.person);
  return people.size();
}

Told wanted(const Row& row, P pattern) {
  return pattern == P::sync ? row.sync : pattern == P::express ? row.express : row.reliable;
}

Told kind_of(const ProtectionAnswer& answer) {
  if (std::holds_alternative<NoneHeld>(answer)) return Told::none;
  return std::holds_alternative<ProtectionRecord>(answer) ? Told::records : Told::unknown;
}

}  // namespace

// Each fault on each pattern, all at the same time. No exchange is lost, nothing is asked a second
// time, and what is unknown is never told as none.
BOOST_DATA_TEST_CASE(no_lost_exchange_no_second_query_and_unknown_is_never_none,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  // What is answered is waited for, however slow the machine; then time is over for the others.
  test::DeskSpine desk{{pattern, 60s, 10min}};
  std::vector<ProtectionQuestion> questions;
  for (std::size_t i = 0; i < faults; ++i) {
    const NhsNumber child = desk.child(static_cast<int>(i) + 1);
    desk.spine().misbehave(child, rows[i].fault);
    questions.push_back(desk.question(child, test::DeskSpine::plenty));
  }
  std::vector<std::future<ProtectionAnswer>> answers;
  for (const ProtectionQuestion& question : questions) {
    answers.push_back(
        std::async(std::launch::async, [&desk, question] { return desk.ask(question); }));
  }
  const auto look_at = [&](bool unknowns) {
    for (std::size_t i = 0; i < faults; ++i) {
      if ((wanted(rows[i], pattern) == Told::unknown) != unknowns) continue;
      const ProtectionAnswer answer = answers[i].get();
      BOOST_TEST_CONTEXT(spine::name_of(pattern) << " " << peers::name_of(rows[i].fault)) {
        BOOST_TEST((kind_of(answer) == wanted(rows[i], pattern)));
        if (const auto* unknown = std::get_if<CouldNotAsk>(&answer)) {
          BOOST_TEST_MESSAGE(peers::name_of(rows[i].fault)
                             << ": " << name_of(unknown->why.kind) << " " << unknown->why.message);
        }
      }
    }
  };
  look_at(false);
  BOOST_REQUIRE(test::DeskSpine::eventually([&] { return asked_about(desk) == faults; }));
  desk.clock().pass(test::DeskSpine::plenty);
  look_at(true);
  BOOST_TEST(test::DeskSpine::eventually([&] { return desk.source().open_exchanges() == 0; }));
  for (const ProtectionQuestion& question : questions) {
    BOOST_TEST(desk.is_resolved(question.id), "an exchange without an outcome in the store");
  }
  BOOST_TEST(desk.told_twice() == 0);

  // One question, one message id, however often it was sent.
  std::map<std::string, std::set<std::string>> ids;
  for (const peers::SeenQuery& query : desk.spine().seen()) {
    ids[query.question_id].insert(query.message_id);
  }
  for (const auto& [question, messages] : ids) BOOST_TEST(messages.size() == 1U);
  for (const ProtectionQuestion& question : questions) {
    BOOST_TEST(desk.held().looks(question.person) <= 1U);
  }
}

// By itself, or on the connection that the question went out on.
BOOST_DATA_TEST_CASE(an_answer_that_comes_late_is_kept_and_shown_as_late,
                     boost::unit_test::data::make({P::express, P::sync}), pattern) {
  test::DeskSpine desk{{pattern}};
  const NhsNumber child = desk.child(50);
  desk.spine().misbehave(child, M::late);
  const auto question = desk.question(child, test::DeskSpine::plenty);
  auto told = std::async(std::launch::async, [&] { return desk.ask(question); });
  BOOST_REQUIRE(test::DeskSpine::eventually([&] { return desk.spine().seen().size() == 1U; }));
  desk.clock().pass(test::DeskSpine::plenty);
  BOOST_TEST((kind_of(told.get()) == Told::unknown));
  BOOST_TEST(test::DeskSpine::eventually([&] { return desk.source().counters().late == 1U; }));
  const auto late = desk.source().late_answers(10);
  BOOST_REQUIRE(late);
  BOOST_REQUIRE_EQUAL(late->size(), 1U);
  BOOST_TEST(late->front().exchange.question_id == question.id);
  BOOST_TEST(!late->front().answer.empty());
}

BOOST_AUTO_TEST_CASE(an_answer_that_refers_to_nothing_is_acknowledged_and_kept_aside) {
  test::DeskSpine desk{{P::reliable}};
  const NhsNumber child = desk.child(51);
  desk.spine().misbehave(child, M::wrong_reference);
  const auto question = desk.question(child, test::DeskSpine::plenty);
  auto told = std::async(std::launch::async, [&] { return desk.ask(question); });
  BOOST_TEST(test::DeskSpine::eventually([&] { return desk.spine().answers_sent() == 1U; }));
  BOOST_TEST(desk.source().counters().parked == 1U);
  desk.clock().pass(test::DeskSpine::plenty);
  BOOST_TEST((kind_of(told.get()) == Told::unknown));
}

// The one outcome of a question survives the end of the program: asked again with the same id, it
// is told and not sent again.
BOOST_DATA_TEST_CASE(a_question_asked_again_after_a_restart_gets_its_first_outcome,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  test::DeskSpine desk{{pattern}};
  const NhsNumber child = desk.child(60);
  const auto question = desk.question(child, test::DeskSpine::plenty);
  BOOST_TEST((kind_of(desk.ask(question)) == Told::records));
  BOOST_TEST((kind_of(desk.ask(question)) == Told::records));
  desk.restart();
  BOOST_TEST((kind_of(desk.ask(question)) == Told::records));
  BOOST_TEST(desk.spine().seen().size() == 1U);
  BOOST_TEST(desk.held().looks(child) == 1U);
}

BOOST_AUTO_TEST_CASE(a_restart_in_the_middle_leaves_no_exchange_open) {
  test::DeskSpine desk{{P::express}};
  const NhsNumber child = desk.child(61);
  desk.spine().misbehave(child, M::never);
  const auto question = desk.question(child, test::DeskSpine::plenty);
  auto first = std::async(std::launch::async, [&] { return desk.ask(question); });
  BOOST_TEST(test::DeskSpine::eventually([&] { return desk.spine().seen().size() == 1U; }));
  desk.restart();
  BOOST_TEST((kind_of(first.get()) == Told::unknown));
  desk.clock().pass(test::DeskSpine::plenty);
  BOOST_TEST(test::DeskSpine::eventually([&] { return desk.source().open_exchanges() == 0; }));
  const ProtectionAnswer again = desk.ask(question);
  const auto* unknown = std::get_if<CouldNotAsk>(&again);
  BOOST_REQUIRE(unknown);
  BOOST_TEST(unknown->may_have_been_received);
  BOOST_TEST(desk.spine().seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_unknown_person_is_told_as_none_held) {
  test::DeskSpine desk{{P::reliable}};
  const NhsNumber child = desk.child(70);
  auto question = desk.question(child, test::DeskSpine::plenty);
  question.person = *NhsNumber::parse("9990000018");
  BOOST_TEST((kind_of(desk.ask(question)) == Told::none));
}

BOOST_AUTO_TEST_CASE(a_scheduled_question_is_refused_before_anything_is_sent) {
  test::DeskSpine desk{{P::reliable}};
  auto question = desk.question(desk.child(71), test::DeskSpine::plenty);
  question.caller.setting = CareSetting::scheduled;
  const ProtectionAnswer answer = desk.ask(question);
  const auto* unknown = std::get_if<CouldNotAsk>(&answer);
  BOOST_REQUIRE(unknown);
  BOOST_TEST((unknown->why.kind == ErrorKind::unsupported));
  BOOST_TEST(!unknown->may_have_been_received);
  BOOST_TEST(desk.spine().seen().empty());
}

BOOST_AUTO_TEST_SUITE_END()
