#include <utility>

#include "adapters/spine/answer.h"
#include "gateway/edge/ids.h"
#include "gateway/net/spine_source.h"

// What comes in by itself: answers, acknowledgements, errors, and what nobody here asked for.

namespace cpis::net {
namespace {

using spine::Inbound;
using spine::Next;

// An error signal, or an answer that cannot be read, as a failure of the exchange.
spine::Answer failure_of(std::string code) {
  spine::Answer answer;
  answer.kind = spine::AnswerKind::failure;
  answer.reasons.push_back({std::move(code), "", "", ""});
  return answer;
}

spine::Answer answer_in(const spine::EbxmlMessage& message,
                        const spine::Reading<spine::Answer>& read) {
  if (message.kind == spine::EbxmlKind::error) {
    return failure_of(message.errors.empty() ? "MessageError" : message.errors.front().code);
  }
  return read.value ? *read.value : failure_of("unreadable-answer");
}

}  // namespace

Result<bool> SpineSource::park_message(const spine::EbxmlMessage& message, std::string_view body) {
  bool parked = false;
  const Status kept = database_.write([&](store::Session& session) -> Status {
    const auto fresh = park(session, {message.header.message_id, message.header.ref_to_message_id,
                                      message.header.action, clock_.now(), std::string{body}});
    if (!fresh) return fresh.error();
    parked = *fresh;
    return done;
  });
  if (!kept) return kept.error();
  if (parked) ++counters_.parked;
  return parked;
}

// Nothing in memory refers to it. The store remembers longer: an answer to a question of before.
Status SpineSource::take_unmatched(const spine::EbxmlMessage& message, std::string_view refers_to,
                                   bool is_answer) {
  std::optional<KeptExchange> known;
  const Status read = database_.read([&](store::Session& session) -> Status {
    for (const std::string_view id :
         {std::string_view{message.header.ref_to_message_id}, refers_to}) {
      if (id.empty() || known) continue;
      auto row = exchange_by_message(session, id);
      if (!row) return row.error();
      known = std::move(*row);
    }
    return done;
  });
  if (!read) return read;
  if (known &&
      (known->exchange.outcome == spine::Outcome::answered || known->exchange.late_answer)) {
    ++counters_.duplicates;
    return done;
  }
  if (known && is_answer) {
    known->exchange.late_answer = true;
    return keep_late(known->exchange, message.payload);
  }
  const auto parked = park_message(message, message.payload);
  return parked ? Status{done} : Status{parked.error()};
}

Status SpineSource::keep_late(const spine::Exchange& exchange, std::string_view answer) {
  const Status kept = keep_answer(exchange, answer);
  if (kept) ++counters_.late;
  return kept;
}

Status SpineSource::take_matched(const spine::EbxmlMessage& message, const spine::Answer& answer,
                                 const std::string& question_id) {
  Next next = Next::nothing;
  std::optional<spine::Exchange> late;
  {
    const std::lock_guard lock{mutex_};
    spine::Exchange* exchange = table_.by_question(question_id);
    if (exchange == nullptr) return done;
    next = spine::on_answer(*exchange, answer, clock_.now());
    if (next == Next::keep_late) late = *exchange;
  }
  if (next == Next::drop) ++counters_.duplicates;
  if (late) return keep_late(*late, message.payload);
  // What the store could not take has been told, but is not acknowledged: Spine sends it again.
  if (next == Next::tell) return resolve(question_id, message.payload);
  return done;
}

SpineSource::InboundReply SpineSource::receive(std::string_view content_type,
                                               std::string_view body) {
  const auto read = spine::read_ebxml(content_type, body);
  if (!read.value) {
    spine::EbxmlMessage unreadable;
    unreadable.header.message_id = random_uuid();
    unreadable.header.action = "unreadable";
    const auto parked = park_message(unreadable, body);
    return {parked ? 202 : 503, {}};
  }
  const spine::EbxmlMessage& message = *read.value;
  const auto answer = spine::read_answer(message.payload);
  const std::string refers_to = answer.value ? answer.value->wrapper.refers_to : "";
  spine::InboundDecision decision;
  {
    const std::lock_guard lock{mutex_};
    decision =
        spine::judge_inbound(message, refers_to, settings_.party_key, table_, seen_, clock_.now());
  }
  if (decision.what == Inbound::misdirected) {
    return {200, spine::write_message_error(
                     message.header, random_uuid(), clock_.now(),
                     {{"ValueNotRecognized", "Error", "501314:Invalid To Party Type attribute"}})};
  }
  Status taken = done;
  const bool error_signal =
      decision.what == Inbound::signal && message.kind == spine::EbxmlKind::error;
  if (decision.what == Inbound::duplicate) ++counters_.duplicates;
  if (decision.what == Inbound::park) {
    taken = take_unmatched(message, refers_to, answer.value.has_value());
  }
  if (decision.what == Inbound::answer || (error_signal && !decision.exchange.empty())) {
    taken = take_matched(message, answer_in(message, answer), decision.exchange);
  }
  if (!taken) {  // not durable: Spine keeps it and sends it again, as new
    const std::lock_guard lock{mutex_};
    seen_.forget(message.header.message_id);
    return {503, {}};
  }
  if (!decision.acknowledge) return {202, {}};
  return {200, spine::write_acknowledgment(message.header, random_uuid(), clock_.now())};
}

}  // namespace cpis::net
