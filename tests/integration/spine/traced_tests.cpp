// What an asker leaves behind with a question to Spine: durable before the question leaves and
// before its outcome is told, whatever else happens.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <future>

#include "gateway/store/audit_store.h"
#include "tests/integration/spine/desk_spine.h"
#include "tests/support/spine_names.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(spine_traces)

namespace {

using P = spine::Pattern;

store::Work row(const std::string& subject, std::string outcome) {
  return [subject, outcome = std::move(outcome)](store::Session& session) -> Status {
    store::AuditEntry entry{};
    entry.subject = subject;
    entry.outcome = outcome;
    const auto added = store::AuditStore{}.append(session, entry);
    return added ? Status{done} : Status{added.error()};
  };
}

// Changes something and fails then: nothing of it may stay.
store::Work broken(const std::string& subject) {
  return [work = row(subject, "broken")](store::Session& session) -> Status {
    const Status written = work(session);
    return written ? Status{Error{ErrorKind::fault, "a trace that fails"}} : written;
  };
}

// Names the answer when there is something to name.
store::QuestionTrace trace_of(const ProtectionQuestion& question) {
  return {row(question.id, "asked"), [id = question.id](const ProtectionAnswer& answer) {
            const bool named = std::holds_alternative<ProtectionRecord>(answer);
            return named ? row(id, "answered") : store::Work{};
          }};
}

// The outcomes in the audit of a question, one after the other.
std::string audited(test::DeskSpine& desk, const std::string& question_id) {
  std::string outcomes;
  const Status read = desk.database().read([&](store::Session& session) {
    outcomes.clear();
    return store::AuditStore::read_subject(session, question_id, Time{}, 100,
                                           [&](const store::AuditRow& found) -> Status {
                                             outcomes += std::string{found.entry.outcome} + ' ';
                                             return done;
                                           });
  });
  BOOST_TEST_REQUIRE(static_cast<bool>(read));
  return outcomes;
}

const CouldNotAsk& unknown(const ProtectionAnswer& answer) {
  BOOST_REQUIRE(std::holds_alternative<CouldNotAsk>(answer));
  return std::get<CouldNotAsk>(answer);
}

}  // namespace

BOOST_DATA_TEST_CASE(the_question_and_the_answer_are_traced_before_the_outcome_is_told,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  test::DeskSpine desk{{pattern}};
  const auto question = desk.question(desk.child(1), 6'000ms);
  const ProtectionAnswer answer = desk.ask_traced(question, trace_of(question));
  BOOST_TEST(std::holds_alternative<ProtectionRecord>(answer));
  BOOST_TEST(audited(desk, question.id) == "asked answered ");
  BOOST_TEST(desk.is_resolved(question.id));
}

BOOST_AUTO_TEST_CASE(none_held_leaves_the_trace_of_the_question_alone) {
  test::DeskSpine desk{{P::sync}};
  auto question = desk.question(desk.child(1), 6'000ms);
  question.person = *NhsNumber::parse("9990000018");
  BOOST_TEST(std::holds_alternative<NoneHeld>(desk.ask_traced(question, trace_of(question))));
  BOOST_TEST(audited(desk, question.id) == "asked ");
}

BOOST_AUTO_TEST_CASE(a_question_that_is_refused_before_it_leaves_is_traced_all_the_same) {
  test::DeskSpine desk{{P::reliable}};
  auto question = desk.question(desk.child(1), 2'000ms);
  question.caller.setting = CareSetting::scheduled;
  const ProtectionAnswer answer = desk.ask_traced(question, trace_of(question));
  BOOST_TEST((unknown(answer).why.kind == ErrorKind::unsupported));
  BOOST_TEST(!unknown(answer).may_have_been_received);
  BOOST_TEST(audited(desk, question.id) == "asked ");
  BOOST_TEST(desk.spine().seen().empty());
}

BOOST_AUTO_TEST_CASE(a_trace_of_the_question_that_cannot_be_kept_means_that_nobody_is_asked) {
  test::DeskSpine desk{{P::reliable}};
  const auto question = desk.question(desk.child(1), 6'000ms);
  store::QuestionTrace trace = trace_of(question);
  trace.asked = broken(question.id);
  const ProtectionAnswer answer = desk.ask_traced(question, std::move(trace));
  BOOST_TEST(!unknown(answer).may_have_been_received);
  BOOST_TEST(audited(desk, question.id).empty());
  BOOST_TEST(desk.spine().seen().empty());
  BOOST_TEST(desk.source().open_exchanges() == 0U);
  // It left nothing behind that would stand in the way of asking properly.
  BOOST_TEST(
      std::holds_alternative<ProtectionRecord>(desk.ask_traced(question, trace_of(question))));
  BOOST_TEST(audited(desk, question.id) == "asked answered ");
}

BOOST_DATA_TEST_CASE(a_trace_of_the_answer_that_cannot_be_kept_keeps_back_the_answer_only,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  test::DeskSpine desk{{pattern}};
  const auto question = desk.question(desk.child(1), 6'000ms);
  store::QuestionTrace trace = trace_of(question);
  trace.answered = [id = question.id](const ProtectionAnswer&) { return broken(id); };
  const ProtectionAnswer answer = desk.ask_traced(question, std::move(trace));
  BOOST_TEST(unknown(answer).may_have_been_received);
  BOOST_TEST(audited(desk, question.id) == "asked ");
  // The outcome itself is in the store: asked again it is told, and Spine hears nothing.
  BOOST_TEST(desk.is_resolved(question.id));
  BOOST_TEST(
      std::holds_alternative<ProtectionRecord>(desk.ask_traced(question, trace_of(question))));
  BOOST_TEST(audited(desk, question.id) == "asked asked answered ");
  BOOST_TEST(desk.spine().seen().size() == 1U);
}

// Before, during and after: one query, one outcome, and a trace for each who asked.
BOOST_DATA_TEST_CASE(everybody_who_asks_the_same_question_is_traced,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  test::DeskSpine desk{{pattern}};
  const auto question = desk.question(desk.child(1), 6'000ms);
  std::vector<std::future<ProtectionAnswer>> answers;
  for (int i = 0; i < 8; ++i) {
    answers.push_back(std::async(std::launch::async, [&desk, question] {
      return desk.ask_traced(question, trace_of(question));
    }));
  }
  for (auto& answer : answers) {
    BOOST_TEST(std::holds_alternative<ProtectionRecord>(answer.get()));
  }
  desk.ask_traced(question, trace_of(question));
  const std::string outcomes = audited(desk, question.id);
  std::size_t asked = 0;
  std::size_t answered = 0;
  for (std::size_t at = 0; at < outcomes.size(); at = outcomes.find(' ', at) + 1) {
    ++(outcomes.compare(at, 6, "asked ") == 0 ? asked : answered);
  }
  BOOST_TEST(asked == 9U);
  BOOST_TEST(answered == 9U);
  BOOST_TEST(desk.spine().seen().size() == 1U);
  BOOST_TEST(desk.held().looks(question.person) == 1U);
  BOOST_TEST(desk.told_twice() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
