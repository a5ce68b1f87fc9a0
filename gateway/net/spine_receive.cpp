#include <utility>

#include "adapters/spine/answer.h"
#include "gateway/edge/ids.h"
#include "gateway/net/spine_job.h"
#include "gateway/net/spine_source.h"

// What comes in by itself: answers, acknowledgements, errors, and what nobody here asked for.

namespace cpis::net {
namespace {

using spine::Inbound;
using spine::Next;

const Error too_busy{ErrorKind::busy, "too many messages are being taken"};

// An error signal, or an answer that cannot be read, as a failure of the exchange.
spine::Answer failure_of(std::string code) {
  spine::Answer answer;
  answer.kind = spine::AnswerKind::failure;
  answer.reasons.push_back({std::move(code), "", "", ""});
  return answer;
}

std::string_view refers_to(const std::optional<spine::Answer>& answer) {
  return answer ? std::string_view{answer->wrapper.refers_to} : std::string_view{};
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
Status SpineSource::take_unmatched(const Arrived& arrived) {
  const spine::EbxmlMessage& message = arrived.message;
  std::optional<KeptExchange> known;
  const Status read = database_.read([&](store::Session& session) -> Status {
    for (const std::string_view id :
         {std::string_view{message.header.ref_to_message_id}, refers_to(arrived.answer)}) {
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
  if (known && arrived.answer) {
    return keep_late(known->exchange.question_id, message.payload);
  }
  const auto parked = park_message(message, message.payload);
  return parked ? Status{done} : Status{parked.error()};
}

Status SpineSource::keep_late(const std::string& question_id, std::string_view answer) {
  const Status kept = write([&](store::Session& session) {
    return keep_late_answer(session, question_id, answer, clock_.now());
  });
  if (kept) ++counters_.late;
  return kept;
}

// It will be sent again, and must not look like a repetition then.
void SpineSource::forget_late(const std::string& question_id) {
  const std::lock_guard lock{mutex_};
  spine::Exchange* const exchange = table_.by_question(question_id);
  if (exchange != nullptr) exchange->late_answer = false;
}

void SpineSource::take_late(const std::shared_ptr<Arrived>& arrived, WorkerPool& beside) {
  const bool taken = beside.try_submit([this, arrived] {
    const std::string& id = arrived->decision.exchange;
    const Status kept = keep_late(id, arrived->message.payload);
    if (!kept) forget_late(id);
    settle(*arrived, kept);
  });
  if (taken) return;
  forget_late(arrived->decision.exchange);
  settle(*arrived, too_busy);
}

void SpineSource::take_matched(const std::shared_ptr<Arrived>& arrived, WorkerPool& beside) {
  const spine::EbxmlMessage& message = arrived->message;
  if (message.kind == spine::EbxmlKind::error) {
    arrived->answer =
        failure_of(message.errors.empty() ? "MessageError" : message.errors.front().code);
  } else if (!arrived->answer) {
    arrived->answer = failure_of("unreadable-answer");
  }
  Next next = Next::nothing;
  {
    const std::lock_guard lock{mutex_};
    spine::Exchange* const exchange = table_.by_question(arrived->decision.exchange);
    if (exchange != nullptr) next = spine::on_answer(*exchange, *arrived->answer, clock_.now());
  }
  if (next == Next::drop) ++counters_.duplicates;
  if (next == Next::keep_late) {
    take_late(arrived, beside);
  } else if (next == Next::tell) {
    // What the store could not take has been told, but is not acknowledged: Spine sends it again.
    resolve(arrived->decision.exchange, std::move(arrived->message.payload), arrived->answer,
            [this, arrived](const Status& kept) { settle(*arrived, kept); });
  } else {
    settle(*arrived, done);
  }
}

// The last word to Spine about a message.
void SpineSource::settle(const Arrived& arrived, const Status& taken) {
  const spine::EbxmlHeader& header = arrived.message.header;
  if (!taken) {  // not durable: Spine keeps it and sends it again, as new
    {
      const std::lock_guard lock{mutex_};
      seen_.forget(header.message_id);
    }
    return arrived.replied({503, {}});
  }
  if (!arrived.decision.acknowledge) return arrived.replied({202, {}});
  arrived.replied({200, spine::write_acknowledgment(header, random_uuid(), clock_.now())});
}

void SpineSource::take_unreadable(std::string_view body, WorkerPool& beside, Replied replied) {
  spine::EbxmlMessage message;
  message.header.message_id = random_uuid();
  message.header.action = "unreadable";
  message.payload = body;
  const auto taken = beside.try_submit([this, message = std::move(message), replied] {
    const auto parked = park_message(message, message.payload);
    replied({parked ? 202 : 503, {}});
  });
  if (!taken) replied({503, {}});
}

void SpineSource::receive(std::string_view content_type, std::string_view body, WorkerPool& beside,
                          Replied replied) {
  auto read = spine::read_ebxml(content_type, body);
  if (!read.value) return take_unreadable(body, beside, std::move(replied));
  const auto arrived = std::make_shared<Arrived>(
      Arrived{*std::move(read.value), std::nullopt, {}, std::move(replied)});
  const spine::EbxmlMessage& message = arrived->message;
  arrived->answer = spine::read_answer(message.payload).value;
  {
    const std::lock_guard lock{mutex_};
    arrived->decision = spine::judge_inbound(message, refers_to(arrived->answer),
                                             settings_.party_key, table_, seen_, clock_.now());
  }
  const spine::InboundDecision& decision = arrived->decision;
  if (decision.what == Inbound::misdirected) {
    return arrived->replied(
        {200, spine::write_message_error(
                  message.header, random_uuid(), clock_.now(),
                  {{"ValueNotRecognized", "Error", "501314:Invalid To Party Type attribute"}})});
  }
  if (decision.what == Inbound::park) {
    const bool taken =
        beside.try_submit([this, arrived] { settle(*arrived, take_unmatched(*arrived)); });
    if (!taken) settle(*arrived, too_busy);
    return;
  }
  if (decision.what == Inbound::duplicate) ++counters_.duplicates;
  const bool error_signal =
      decision.what == Inbound::signal && message.kind == spine::EbxmlKind::error;
  if (decision.what == Inbound::answer || (error_signal && !decision.exchange.empty())) {
    return take_matched(arrived, beside);
  }
  settle(*arrived, done);
}

}  // namespace cpis::net
