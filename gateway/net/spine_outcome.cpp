#include <utility>

#include "adapters/spine/answer.h"
#include "gateway/net/spine_job.h"
#include "gateway/net/spine_source.h"
#include "gateway/observe/log.h"

// What becomes of a question: its outcome is kept, then told.

namespace cpis::net {
namespace {

void log_not_kept(const Status& kept) {
  observe::log(observe::Level::error, "spine.exchange.not_kept",
               {{"kind", std::string{name_of(kept.error().kind)}}});
}

}  // namespace

std::vector<SpineSource::Waiter> SpineSource::take_waiting(const std::string& question_id) {
  const std::lock_guard lock{mutex_};
  const auto at = waiting_.find(question_id);
  if (at == waiting_.end()) return {};
  std::vector<Waiter> waiting = std::move(at->second);
  waiting_.erase(at);
  return waiting;
}

void SpineSource::forget(const std::string& question_id) {
  const std::lock_guard lock{mutex_};
  table_.remove(question_id);
  jobs_.erase(question_id);
}

void SpineSource::give_up(const std::string& question_id, const CouldNotAsk& why) {
  forget(question_id);
  tell(take_waiting(question_id), why);
}

ProtectionAnswer SpineSource::told(const spine::Exchange& exchange,
                                   const std::optional<spine::Answer>& answer) const {
  ProtectionAnswer outcome = spine::told(exchange, answer);
  auto* const record = std::get_if<ProtectionRecord>(&outcome);
  if (record != nullptr && settings_.complete) settings_.complete(*record);
  return outcome;
}

// The outcome that the store remembers.
ProtectionAnswer SpineSource::outcome_of(const std::string& question_id) {
  ProtectionAnswer outcome =
      CouldNotAsk{{ErrorKind::fault, "the exchange is not in the store"}, true};
  const Status read = database_.read([&](store::Session& session) -> Status {
    const auto row = exchange_by_question(session, question_id);
    if (!row) return row.error();
    if (!row->has_value()) return done;
    const KeptExchange& kept = **row;
    if (kept.exchange.state != spine::ExchangeState::resolved) {
      outcome = CouldNotAsk{{ErrorKind::busy, "another gateway is asking this question"}, true};
      return done;
    }
    outcome = told(kept.exchange, spine::read_answer(kept.answer).value);
    return done;
  });
  if (!read) return CouldNotAsk{read.error(), true};
  return outcome;
}

void SpineSource::tell_as_before(const std::string& question_id) {
  ++counters_.repeated_questions;
  const ProtectionAnswer outcome = outcome_of(question_id);
  tell(take_waiting(question_id), outcome);
}

Status SpineSource::write(const store::Work& work) {
  const Status kept = database_.write(work);
  if (!kept) log_not_kept(kept);
  return kept;
}

// Kept before told.
void SpineSource::resolve(const std::string& question_id, std::string answer,
                          const std::optional<spine::Answer>& read,
                          std::function<void(const Status&)> kept) {
  const auto telling = begin_telling(question_id, std::move(answer), read);
  if (telling) {
    telling->kept = std::move(kept);
    keep_outcome(telling);
  } else if (kept) {
    kept(done);
  }
}

// What the askers leave behind is in the same transaction, unless that fails: then the outcome is
// kept by itself, and each asker's trace after it.
void SpineSource::keep_outcome(const std::shared_ptr<Telling>& telling) {
  const bool queued = database_.submit(
      [telling](store::Session& session) -> Status {
        Status written =
            update_exchange(session, telling->exchange, telling->answer, telling->answered_at);
        if (telling->apart) return written;
        for (const store::Work& trace : telling->traces) {
          if (written && trace) written = trace(session);
        }
        return written;
      },
      [this, telling, stays = stay()](const Status& kept) {
        if (kept || telling->apart) return finish_telling(*telling, kept);
        telling->apart = true;
        keep_outcome(telling);
      });
  if (queued) return;
  telling->apart = true;
  finish_telling(*telling, Error{ErrorKind::busy, "the store's queue is full or closing"});
}

// Those who ask from now on find their place among the waiting, and are told at the end.
std::shared_ptr<SpineSource::Telling> SpineSource::begin_telling(
    const std::string& question_id, std::string answer, const std::optional<spine::Answer>& read) {
  std::shared_ptr<Telling> telling;
  {
    const std::lock_guard lock{mutex_};
    jobs_.erase(question_id);
    const spine::Exchange* const found = table_.by_question(question_id);
    if (found == nullptr) return nullptr;
    telling = std::make_shared<Telling>(
        Telling{*found, std::move(answer), std::nullopt, CouldNotAsk{found->why, true}});
    telling->waiters.swap(waiting_[question_id]);
  }
  if (!telling->answer.empty()) telling->answered_at = clock_.now();
  telling->outcome = told(telling->exchange, read);
  for (const Waiter& waiter : telling->waiters) {
    telling->traces.push_back(waiter.trace ? waiter.trace(telling->outcome) : store::Work{});
  }
  return telling;
}

// When the store fails, the askers still get what is known as far as their own traces can be kept:
// silence about a plan would be worse than an outcome that a restart forgets.
void SpineSource::finish_telling(Telling& telling, const Status& kept) {
  if (!kept) log_not_kept(kept);
  const std::string& id = telling.exchange.question_id;
  if (telling.exchange.outcome != spine::Outcome::timed_out) {
    // Only who timed out may still get an answer; the store knows about all others.
    const std::lock_guard lock{mutex_};
    table_.remove(id);
  }
  for (std::size_t i = 0; i < telling.waiters.size(); ++i) {
    Waiter& waiter = telling.waiters[i];
    if (telling.apart && telling.traces[i]) {
      tell_after(std::move(telling.traces[i]), std::move(waiter.told), telling.outcome);
    } else {
      count(telling.outcome);
      waiter.told(telling.outcome);
    }
  }
  tell(take_waiting(id), telling.outcome);
  if (telling.kept) telling.kept(kept);
}

void SpineSource::tell(std::vector<Waiter> waiting, const ProtectionAnswer& answer) {
  for (Waiter& waiter : waiting) tell_one(std::move(waiter), answer);
}

void SpineSource::tell_one(Waiter waiter, ProtectionAnswer answer) {
  store::Work trace = waiter.trace ? waiter.trace(answer) : store::Work{};
  if (trace) return tell_after(std::move(trace), std::move(waiter.told), std::move(answer));
  count(answer);
  waiter.told(std::move(answer));
}

void SpineSource::tell_after(store::Work trace, Done told, ProtectionAnswer answer) {
  const auto late =
      std::make_shared<std::pair<Done, ProtectionAnswer>>(std::move(told), std::move(answer));
  const auto tell_late = [this, late](const Status& kept) {
    if (!kept) late->second = CouldNotAsk{kept.error(), true};
    count(late->second);
    late->first(std::move(late->second));
  };
  const bool queued = database_.submit(
      std::move(trace), [tell_late, stays = stay()](const Status& kept) { tell_late(kept); });
  if (!queued) tell_late(Error{ErrorKind::busy, "the store's queue is full; try again"});
}

void SpineSource::count(const ProtectionAnswer& answer) {
  if (std::holds_alternative<NoneHeld>(answer)) {
    ++counters_.none_held;
  } else if (const auto* unknown = std::get_if<CouldNotAsk>(&answer)) {
    ++counters_.failed[static_cast<std::size_t>(unknown->why.kind)];
  } else {
    ++counters_.answered;
  }
}

}  // namespace cpis::net
