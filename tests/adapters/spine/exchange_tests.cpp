#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/exchange.h"
#include "tests/adapters/spine/generate.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(exchange)

namespace {

const Time start{std::chrono::seconds{1'770'000'000}};

Exchange some_exchange(test::Generate& make, Pattern pattern) {
  Exchange exchange{make.uuid(), make.uuid(), make.nhs_number()};
  exchange.pattern = pattern;
  exchange.asked = start;
  exchange.deadline = start + 30s;
  exchange.keep_until = start + 10min;
  return exchange;
}

Answer none() {
  Answer answer;
  answer.kind = AnswerKind::no_records;
  answer.reasons = {no_records_reason()};
  return answer;
}

Answer failed() {
  Answer answer;
  answer.reasons = {{"200", "", "", ""}};
  return answer;
}

Reply reply_of(ReplyKind kind) {
  Reply reply;
  reply.kind = kind;
  if (kind == ReplyKind::answered) reply.answer = none();
  reply.why = {ErrorKind::unavailable, "x"};
  return reply;
}

// One row of the misbehaviour matrix without a wire: what Spine does, and what must follow.
struct Row {
  const char* why;
  Pattern pattern;
  ReplyKind reply;
  Next next;
  ExchangeState state;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

using K = ReplyKind;
using P = Pattern;
using S = ExchangeState;
const Row rows[] = {
    {"express, accepted", P::express, K::accepted, Next::nothing, S::waiting},
    {"express, unclear: wait, never resend", P::express, K::unclear, Next::nothing, S::waiting},
    {"express, resend", P::express, K::resend, Next::send, S::ready},
    {"express, refused", P::express, K::refused, Next::tell, S::resolved},
    {"reliable, accepted", P::reliable, K::accepted, Next::nothing, S::waiting},
    {"reliable, unclear: the receiver drops duplicates", P::reliable, K::unclear, Next::send,
     S::ready},
    {"reliable, resend", P::reliable, K::resend, Next::send, S::ready},
    {"sync, answered", P::sync, K::answered, Next::tell, S::resolved},
    {"sync, unclear: unknown, never resend", P::sync, K::unclear, Next::tell, S::resolved},
    {"sync, resend", P::sync, K::resend, Next::send, S::ready},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_reply_moves_the_exchange_as_its_pattern_allows, data::make(rows), row) {
  test::Generate make{101};
  Exchange exchange = some_exchange(make, row.pattern);
  BOOST_TEST((begin_attempt(exchange, start) == Next::send));
  BOOST_TEST((on_reply(exchange, reply_of(row.reply), start + 1s) == row.next));
  BOOST_TEST((exchange.state == row.state));
}

BOOST_AUTO_TEST_CASE(silence_is_a_timeout_and_the_answer_that_comes_later_is_kept_as_late) {
  test::Generate make{102};
  Exchange exchange = some_exchange(make, Pattern::reliable);
  begin_attempt(exchange, start);
  on_reply(exchange, reply_of(ReplyKind::accepted), start + 1s);
  BOOST_TEST((on_time(exchange, start + 29s) == Next::nothing));
  BOOST_TEST((on_time(exchange, start + 30s) == Next::tell));
  const ProtectionAnswer answer = told(exchange, std::nullopt);
  const auto* unknown = std::get_if<CouldNotAsk>(&answer);
  BOOST_REQUIRE(unknown);
  BOOST_TEST((unknown->why.kind == ErrorKind::timeout));
  BOOST_TEST(unknown->may_have_been_received);
  BOOST_TEST((on_answer(exchange, none(), start + 40s) == Next::keep_late));
  BOOST_TEST((on_answer(exchange, none(), start + 41s) == Next::drop));
}

// The receiver drops a repetition as long as it remembers the first one, and no longer.
BOOST_AUTO_TEST_CASE(what_may_have_been_received_is_sent_again_only_within_persist_duration) {
  test::Generate make{106};
  for (const bool received : {true, false}) {
    Exchange exchange = some_exchange(make, Pattern::reliable);
    exchange.resend_until = start + 5s;
    begin_attempt(exchange, start);
    const Error away{ErrorKind::unavailable, "away"};
    BOOST_TEST((on_lost(exchange, start + 1s, away) == Next::send));
    exchange.may_have_been_received = received;
    begin_attempt(exchange, start + 2s);
    const Next next = on_not_sent(exchange, start + 6s, away);
    BOOST_TEST((next == (received ? Next::nothing : Next::send)));
    BOOST_TEST((exchange.state == (received ? ExchangeState::waiting : ExchangeState::ready)));
  }
}

BOOST_AUTO_TEST_CASE(an_answer_that_comes_twice_is_told_once) {
  test::Generate make{103};
  Exchange exchange = some_exchange(make, Pattern::express);
  begin_attempt(exchange, start);
  on_reply(exchange, reply_of(ReplyKind::accepted), start);
  BOOST_TEST((on_answer(exchange, none(), start + 1s) == Next::tell));
  BOOST_TEST((on_answer(exchange, none(), start + 2s) == Next::drop));
  BOOST_TEST(std::holds_alternative<NoneHeld>(told(exchange, none())));
}

// An answer may overtake the HTTP response to its question.
BOOST_AUTO_TEST_CASE(an_answer_before_the_acknowledgement_is_taken) {
  test::Generate make{104};
  Exchange exchange = some_exchange(make, Pattern::reliable);
  begin_attempt(exchange, start);
  BOOST_TEST((on_answer(exchange, none(), start + 1s) == Next::tell));
  BOOST_TEST((on_reply(exchange, reply_of(ReplyKind::accepted), start + 2s) == Next::drop));
}

BOOST_AUTO_TEST_CASE(a_restart_resolves_what_was_never_sent_and_waits_for_what_was) {
  test::Generate make{105};
  Exchange never = some_exchange(make, Pattern::reliable);
  BOOST_TEST((on_restart(never, start + 1s) == Next::tell));
  BOOST_TEST(!never.may_have_been_received);

  Exchange sending = some_exchange(make, Pattern::reliable);
  begin_attempt(sending, start);
  BOOST_TEST((on_restart(sending, start + 1s) == Next::nothing));
  BOOST_TEST((sending.state == ExchangeState::waiting));
  BOOST_TEST((on_time(sending, start + 31s) == Next::tell));
  BOOST_TEST(sending.may_have_been_received);

  Exchange sync = some_exchange(make, Pattern::sync);
  begin_attempt(sync, start);
  BOOST_TEST((on_restart(sync, start + 1s) == Next::tell));
  BOOST_TEST(sync.may_have_been_received);
}

// The safety of the whole leg, over every order of events that chance can make up.
BOOST_AUTO_TEST_CASE(whatever_happens_the_caller_is_told_once_and_unknown_is_never_none) {
  test::Generate make{106};
  for (int round = 0; round < 20'000; ++round) {
    const auto pattern = static_cast<Pattern>(make.below(3));
    Exchange exchange = some_exchange(make, pattern);
    Time now = start;
    int told_times = 0;
    bool nrf_came = false;
    bool maybe_there = false;
    for (int step = 0; step < 12; ++step) {
      now += std::chrono::milliseconds{make.below(5'000)};
      Next next = Next::nothing;
      const bool was_resolved = exchange.state == ExchangeState::resolved;
      switch (make.below(8)) {
        case 0:
        case 1: {
          next = begin_attempt(exchange, now);
          // Never a second time when it may be there, but for duplicate elimination.
          if (next == Next::send) BOOST_TEST((!maybe_there || pattern == Pattern::reliable));
          break;
        }
        case 2:
          next = on_not_sent(exchange, now, {ErrorKind::unavailable, ""});
          break;
        case 3:
          maybe_there = maybe_there || exchange.state == ExchangeState::sending;
          next = on_lost(exchange, now, {ErrorKind::unavailable, ""});
          break;
        case 4: {
          const auto kind = static_cast<ReplyKind>(make.below(5));
          const bool sending = exchange.state == ExchangeState::sending;
          nrf_came = nrf_came || (kind == ReplyKind::answered && sending);
          maybe_there = maybe_there || (sending && kind != ReplyKind::resend);
          next = on_reply(exchange, reply_of(kind), now);
          break;
        }
        case 5:
          nrf_came = true;
          maybe_there = true;
          next = on_answer(exchange, none(), now);
          break;
        case 6:
          maybe_there = true;
          next = on_answer(exchange, failed(), now);
          break;
        default:
          next = on_time(exchange, now);
          break;
      }
      if (next == Next::tell) ++told_times;
      if (was_resolved) BOOST_TEST((next != Next::tell && next != Next::send));
    }
    if (on_time(exchange, start + 1h) == Next::tell) ++told_times;
    BOOST_REQUIRE_EQUAL(told_times, 1);
    const bool none_told = std::holds_alternative<NoneHeld>(told(exchange, none()));
    BOOST_TEST((!none_told || nrf_came));
  }
}

BOOST_AUTO_TEST_CASE(inbound_messages_are_answered_parked_or_dropped_and_never_an_error) {
  test::Generate make{107};
  ExchangeTable table{10};
  SeenMessages seen{5min, 100};
  const Exchange exchange = some_exchange(make, Pattern::reliable);
  BOOST_REQUIRE(table.add(exchange));

  EbxmlMessage message;
  message.header.to_party = "US";
  message.header.message_id = make.uuid();
  message.header.ref_to_message_id = exchange.message_id;
  message.header.ack_requested = true;
  const auto judge = [&](std::string_view refers_to = "") {
    return judge_inbound(message, refers_to, "US", table, seen, start);
  };
  InboundDecision decision = judge();
  BOOST_TEST((decision.what == Inbound::answer));
  BOOST_TEST(decision.acknowledge);
  BOOST_TEST(decision.exchange == exchange.question_id);
  decision = judge();
  BOOST_TEST((decision.what == Inbound::duplicate));
  BOOST_TEST(decision.acknowledge);

  message.header.message_id = make.uuid();
  message.header.ref_to_message_id = make.uuid();
  decision = judge();
  BOOST_TEST((decision.what == Inbound::park));
  BOOST_TEST(decision.acknowledge);

  message.header.message_id = make.uuid();
  BOOST_TEST((judge(exchange.message_id).what == Inbound::answer));
  message.header.to_party = "SOMEBODY ELSE";
  BOOST_TEST((judge().what == Inbound::misdirected));
}

BOOST_AUTO_TEST_CASE(tables_are_bounded_and_forget_what_is_over) {
  test::Generate make{108};
  ExchangeTable table{2};
  Exchange first = some_exchange(make, Pattern::express);
  BOOST_REQUIRE(table.add(first));
  BOOST_TEST((table.add(first).error().kind == ErrorKind::conflict));
  BOOST_REQUIRE(table.add(some_exchange(make, Pattern::express)));
  BOOST_TEST((table.add(some_exchange(make, Pattern::express)).error().kind == ErrorKind::busy));
  BOOST_TEST(table.due(start + 31s).size() == 2U);
  on_time(*table.by_question(first.question_id), start + 31s);
  BOOST_TEST(table.open() == 1U);
  table.forget(start + 11min);
  BOOST_TEST(table.size() == 1U);

  SeenMessages seen{1min, 3};
  for (const char* id : {"a", "b", "c"}) BOOST_TEST(seen.first_time(id, start));
  BOOST_TEST(!seen.first_time("a", start + 30s));
  BOOST_TEST(seen.first_time("d", start + 30s));
  BOOST_TEST(seen.size() <= 3U);
  BOOST_TEST(seen.first_time("d", start + 3min));
}

BOOST_AUTO_TEST_SUITE_END()
