#include "adapters/spine/exchange.h"

#include <algorithm>
#include <utility>

namespace cpis::spine {
namespace {

constexpr Duration backoff_max = std::chrono::seconds{30};

Next resolve(Exchange& exchange, Outcome outcome, Error why) {
  exchange.state = ExchangeState::resolved;
  exchange.outcome = outcome;
  exchange.why = std::move(why);
  return Next::tell;
}

Next time_out(Exchange& exchange) {
  return resolve(exchange, Outcome::timed_out,
                 {ErrorKind::timeout, "no answer before the deadline"});
}

// Sends the same bytes again later, when attempts and time are left; else `otherwise` decides.
Next again(Exchange& exchange, Time now, const Error& why) {
  const int doublings = std::min(exchange.attempts - 1, 8);
  const Duration wait =
      std::min(exchange.retry_interval * (1 << std::max(doublings, 0)), backoff_max);
  const bool remembered = !exchange.may_have_been_received || now + wait < exchange.resend_until;
  const bool left =
      exchange.attempts < exchange.attempts_max && now + wait < exchange.deadline && remembered;
  if (!left) {
    // What may be there can still be answered; what is not there cannot.
    if (exchange.may_have_been_received && exchange.pattern != Pattern::sync) {
      exchange.state = ExchangeState::waiting;
      return Next::nothing;
    }
    return resolve(exchange, Outcome::refused, why);
  }
  exchange.state = ExchangeState::ready;
  exchange.next_attempt = now + wait;
  return Next::send;
}

Next take_answer(Exchange& exchange, const Answer& answer) {
  if (exchange.state == ExchangeState::resolved) {
    if (exchange.outcome == Outcome::answered || exchange.late_answer) return Next::drop;
    exchange.late_answer = true;
    return Next::keep_late;
  }
  exchange.may_have_been_received = true;
  if (answer.kind == AnswerKind::accepted) {
    exchange.state = ExchangeState::waiting;
    return Next::nothing;
  }
  if (answer.kind == AnswerKind::failure) {
    return resolve(exchange, Outcome::refused, error_from(answer.reasons));
  }
  return resolve(exchange, Outcome::answered, {ErrorKind::fault, ""});
}

}  // namespace

Next begin_attempt(Exchange& exchange, Time now) {
  if (exchange.state != ExchangeState::ready) return Next::nothing;
  if (now >= exchange.deadline) return time_out(exchange);
  exchange.state = ExchangeState::sending;
  ++exchange.attempts;
  return Next::send;
}

Next on_not_sent(Exchange& exchange, Time now, const Error& why) {
  if (exchange.state != ExchangeState::sending) return Next::nothing;
  return again(exchange, now, why);
}

Next on_lost(Exchange& exchange, Time now, const Error& why) {
  if (exchange.state != ExchangeState::sending) return Next::nothing;
  exchange.may_have_been_received = true;
  if (exchange.pattern == Pattern::reliable) return again(exchange, now, why);
  if (exchange.pattern == Pattern::sync) return resolve(exchange, Outcome::refused, why);
  exchange.state = ExchangeState::waiting;
  exchange.why = why;
  return Next::nothing;
}

Next on_reply(Exchange& exchange, const Reply& reply, Time now) {
  if (exchange.state == ExchangeState::resolved) {
    return reply.answer ? take_answer(exchange, *reply.answer) : Next::drop;
  }
  if (exchange.state != ExchangeState::sending) return Next::nothing;
  switch (reply.kind) {
    case ReplyKind::accepted:
      exchange.may_have_been_received = true;
      exchange.state = ExchangeState::waiting;
      return Next::nothing;
    case ReplyKind::answered:
      return take_answer(exchange, *reply.answer);
    case ReplyKind::resend:
      return again(exchange, now, reply.why);
    case ReplyKind::refused:
      return resolve(exchange, Outcome::refused, reply.why);
    case ReplyKind::unclear:
      return on_lost(exchange, now, reply.why);
  }
  return Next::nothing;
}

Next on_answer(Exchange& exchange, const Answer& answer, Time) {
  return take_answer(exchange, answer);
}

Next on_time(Exchange& exchange, Time now) {
  if (exchange.state == ExchangeState::resolved) return Next::nothing;
  if (now >= exchange.deadline) {
    if (exchange.state == ExchangeState::sending) exchange.may_have_been_received = true;
    return time_out(exchange);
  }
  const bool due = exchange.state == ExchangeState::ready && now >= exchange.next_attempt;
  return due ? Next::send : Next::nothing;
}

Next on_restart(Exchange& exchange, Time now) {
  switch (exchange.state) {
    case ExchangeState::resolved:
      return Next::nothing;
    case ExchangeState::ready:
      if (exchange.may_have_been_received) break;
      return resolve(exchange, Outcome::refused,
                     {ErrorKind::unavailable, "restarted before the question was sent"});
    case ExchangeState::sending:
      exchange.may_have_been_received = true;
      break;
    case ExchangeState::waiting:
      break;
  }
  exchange.state = ExchangeState::waiting;
  // A synchronous answer went to a connection that is gone.
  if (exchange.pattern == Pattern::sync || now >= exchange.deadline) return time_out(exchange);
  return Next::nothing;
}

ProtectionAnswer told(const Exchange& exchange, const std::optional<Answer>& answer) {
  if (exchange.outcome == Outcome::answered && answer) {
    return to_protection_answer(*answer, exchange.person);
  }
  if (exchange.outcome == Outcome::answered) {
    return CouldNotAsk{{ErrorKind::fault, "the answer that was kept cannot be read"}, true};
  }
  return CouldNotAsk{exchange.why, exchange.may_have_been_received};
}

Status ExchangeTable::add(Exchange exchange) {
  if (by_question_.size() >= most_) {
    return Error{ErrorKind::busy, "too many questions are on their way"};
  }
  if (by_question_.count(exchange.question_id) != 0 ||
      question_of_.count(exchange.message_id) != 0) {
    return Error{ErrorKind::conflict, "this question has been asked already"};
  }
  question_of_.emplace(exchange.message_id, exchange.question_id);
  const std::string key = exchange.question_id;
  by_question_.emplace(key, std::move(exchange));
  return done;
}

Exchange* ExchangeTable::by_question(std::string_view id) {
  const auto at = by_question_.find(id);
  return at == by_question_.end() ? nullptr : &at->second;
}

Exchange* ExchangeTable::by_message(std::string_view id) {
  const auto at = question_of_.find(id);
  return at == question_of_.end() ? nullptr : by_question(at->second);
}

void ExchangeTable::remove(std::string_view question_id) {
  const auto at = by_question_.find(question_id);
  if (at == by_question_.end()) return;
  question_of_.erase(at->second.message_id);
  by_question_.erase(at);
}

void ExchangeTable::forget(Time now) {
  for (auto at = by_question_.begin(); at != by_question_.end();) {
    const Exchange& exchange = at->second;
    if (exchange.state == ExchangeState::resolved && now >= exchange.keep_until) {
      question_of_.erase(exchange.message_id);
      at = by_question_.erase(at);
    } else {
      ++at;
    }
  }
}

std::vector<Exchange*> ExchangeTable::due(Time now) {
  std::vector<Exchange*> found;
  for (auto& [id, exchange] : by_question_) {
    if (exchange.state == ExchangeState::resolved) continue;
    const bool attempt = exchange.state == ExchangeState::ready && now >= exchange.next_attempt;
    if (attempt || now >= exchange.deadline) found.push_back(&exchange);
  }
  return found;
}

std::size_t ExchangeTable::open() const {
  return static_cast<std::size_t>(std::count_if(
      by_question_.begin(), by_question_.end(),
      [](const auto& entry) { return entry.second.state != ExchangeState::resolved; }));
}

bool SeenMessages::first_time(const std::string& id, Time now) {
  const auto drop_oldest = [&] {
    for (const std::string& old : by_time_.begin()->second) seen_.erase(old);
    by_time_.erase(by_time_.begin());
  };
  while (!by_time_.empty() && by_time_.begin()->first + keep_ < now) drop_oldest();
  if (seen_.count(id) != 0) return false;
  while (seen_.size() >= most_ && !by_time_.empty()) drop_oldest();
  seen_.emplace(id, now);
  by_time_[now].push_back(id);
  return true;
}

void SeenMessages::forget(std::string_view id) {
  const auto at = seen_.find(id);
  if (at == seen_.end()) return;
  auto& same_time = by_time_[at->second];
  same_time.erase(std::remove(same_time.begin(), same_time.end(), at->first), same_time.end());
  seen_.erase(at);
}

InboundDecision judge_inbound(const EbxmlMessage& message, std::string_view refers_to,
                              std::string_view our_party, ExchangeTable& table, SeenMessages& seen,
                              Time now) {
  InboundDecision decision;
  const EbxmlHeader& header = message.header;
  if (!our_party.empty() && header.to_party != our_party) {
    decision.what = Inbound::misdirected;
    return decision;
  }
  decision.acknowledge = header.ack_requested && message.kind == EbxmlKind::message;
  Exchange* exchange = table.by_message(header.ref_to_message_id);
  if (exchange == nullptr) exchange = table.by_message(refers_to);
  if (exchange != nullptr) decision.exchange = exchange->question_id;
  if (message.kind != EbxmlKind::message) {
    decision.what = Inbound::signal;
  } else if (!seen.first_time(header.message_id, now)) {
    decision.what = Inbound::duplicate;
  } else {
    decision.what = exchange != nullptr ? Inbound::answer : Inbound::park;
  }
  return decision;
}

}  // namespace cpis::spine
