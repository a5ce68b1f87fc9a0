#include "gateway/net/spine_source.h"

#include <algorithm>
#include <utility>

#include "gateway/edge/ids.h"
#include "gateway/net/spine_job.h"
#include "gateway/observe/log.h"
#include "gateway/observe/thread_name.h"

namespace cpis::net {
namespace {

using spine::Next;

constexpr std::chrono::milliseconds tick{20};
constexpr std::size_t seen_max = 200'000;

}  // namespace

Result<std::unique_ptr<SpineSource>> SpineSource::open(SpineSettings settings,
                                                       store::Database& database,
                                                       HttpSender& sender, SpineLookup& lookup,
                                                       const Clock& clock) {
  std::unique_ptr<SpineSource> source{nullptr};
  source.reset(new SpineSource{std::move(settings), database, sender, lookup, clock});
  if (const Status recovered = source->recover(); !recovered) return recovered.error();
  source->timer_ = std::thread{[raw = source.get()] { raw->watch_time(); }};
  return source;
}

SpineSource::SpineSource(SpineSettings settings, store::Database& database, HttpSender& sender,
                         SpineLookup& lookup, const Clock& clock)
    : settings_{std::move(settings)},
      database_{database},
      sender_{sender},
      lookup_{lookup},
      clock_{clock},
      breaker_{settings_.failures_max, settings_.rest},
      table_{settings_.exchanges_max},
      seen_{settings_.persist_min, seen_max} {
  WorkerPool::Settings pool;
  pool.threads = settings_.threads;
  pool.waiting_max = settings_.waiting_max;
  pool_ = std::make_unique<WorkerPool>(pool);
}

SpineSource::~SpineSource() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_.notify_all();
  if (timer_.joinable()) timer_.join();
  pool_->drain();
  // Whoever still waits is told the truth; the store keeps the exchange open for the next start.
  std::map<std::string, std::vector<Done>> left;
  {
    const std::lock_guard lock{mutex_};
    left.swap(waiting_);
  }
  for (auto& [id, waiting] : left) {
    tell(std::move(waiting),
         CouldNotAsk{{ErrorKind::unavailable, "the gateway is stopping"}, true});
  }
}

Status SpineSource::recover() {
  std::vector<spine::Exchange> open;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto found = ::cpis::net::open_exchanges(session, settings_.exchanges_max);
    if (!found) return found.error();
    open = std::move(*found);
    return done;
  });
  if (!read) return read;
  const Time now = clock_.now();
  for (spine::Exchange& exchange : open) {
    const spine::Next next = spine::on_restart(exchange, now);
    const Status kept = database_.write([&](store::Session& session) {
      return update_exchange(session, exchange, "", std::nullopt);
    });
    if (!kept) return kept;
    const bool matters = next != spine::Next::tell || now < exchange.keep_until;
    if (!matters) continue;
    if (const Status added = table_.add(exchange); !added) return added;
  }
  return done;
}

std::size_t SpineSource::open_exchanges() const {
  const std::lock_guard lock{mutex_};
  return table_.open();
}

Result<std::vector<KeptExchange>> SpineSource::late_answers(std::size_t most) const {
  std::vector<KeptExchange> late;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto found = late_exchanges(session, most);
    if (!found) return found.error();
    late = std::move(*found);
    return done;
  });
  if (!read) return read.error();
  return late;
}

void SpineSource::ask(ProtectionQuestion question, Done answered) {
  ++counters_.asked;
  const std::string id = question.id;
  bool asked_before = false;
  {
    const std::lock_guard lock{mutex_};
    const spine::Exchange* exchange = table_.by_question(id);
    const bool waited_for = waiting_.count(id) != 0;
    asked_before = exchange != nullptr && exchange->state == spine::ExchangeState::resolved;
    waiting_[id].push_back(std::move(answered));
    // The same question is on its way, or came over a restart: one outcome for all who ask.
    if (waited_for || (exchange != nullptr && !asked_before)) {
      ++counters_.repeated_questions;
      return;
    }
  }
  bool taken = false;
  if (asked_before) {
    taken = pool_->try_submit([this, id] { tell_as_before(id); });
  } else {
    spine::Exchange exchange{id, random_uuid(), question.person};
    auto job = std::make_shared<Job>(Job{std::move(question), std::move(exchange), {}, {}});
    taken = pool_->try_submit([this, job] { begin(job); });
  }
  if (!taken) give_up(id, {{ErrorKind::busy, "too many questions are waiting"}, false});
}

std::vector<SpineSource::Done> SpineSource::take_waiting(const std::string& question_id) {
  const std::lock_guard lock{mutex_};
  const auto at = waiting_.find(question_id);
  if (at == waiting_.end()) return {};
  std::vector<Done> waiting = std::move(at->second);
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
    const bool answered = kept.exchange.outcome == spine::Outcome::answered;
    outcome =
        spine::told(kept.exchange, answered ? spine::read_answer(kept.answer).value : std::nullopt);
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

void SpineSource::act(const std::string& question_id, Next next, const std::string& answer) {
  // A failure to keep it has been logged; whoever asked has been told.
  if (next == Next::tell) static_cast<void>(resolve(question_id, answer));
  if (next == Next::drop) ++counters_.duplicates;
}

Status SpineSource::keep_answer(const spine::Exchange& exchange, std::string_view answer) {
  const std::optional<Time> at = answer.empty() ? std::nullopt : std::optional{clock_.now()};
  return database_.write(
      [&](store::Session& session) { return update_exchange(session, exchange, answer, at); });
}

Status SpineSource::resolve(const std::string& question_id, std::string_view answer) {
  std::optional<spine::Exchange> exchange;
  {
    const std::lock_guard lock{mutex_};
    if (const spine::Exchange* found = table_.by_question(question_id)) exchange = *found;
    jobs_.erase(question_id);
  }
  if (!exchange) return done;
  const bool answered = exchange->outcome == spine::Outcome::answered;
  const ProtectionAnswer outcome =
      spine::told(*exchange, answered ? spine::read_answer(answer).value : std::nullopt);
  // Kept before told. When the store fails the caller still gets what is known: silence about a
  // plan would be worse than an outcome that a restart forgets.
  Status kept = keep_answer(*exchange, answer);
  if (!kept) {
    observe::log(observe::Level::error, "spine.exchange.not_kept",
                 {{"kind", std::string{name_of(kept.error().kind)}}});
  }
  {
    // Only who timed out may still get an answer; the store knows about all others.
    const std::lock_guard lock{mutex_};
    if (exchange->outcome != spine::Outcome::timed_out) table_.remove(question_id);
  }
  tell(take_waiting(question_id), outcome);
  return kept;
}

void SpineSource::tell(std::vector<Done> waiting, const ProtectionAnswer& answer) {
  for (Done& answered : waiting) {
    if (std::holds_alternative<NoneHeld>(answer)) {
      ++counters_.none_held;
    } else if (const auto* unknown = std::get_if<CouldNotAsk>(&answer)) {
      ++counters_.failed[static_cast<std::size_t>(unknown->why.kind)];
    } else {
      ++counters_.answered;
    }
    answered(answer);
  }
}

void SpineSource::watch_time() {
  observe::name_thread("spine-clock");
  std::unique_lock lock{mutex_};
  while (!stop_.wait_for(lock, tick, [&] { return stopping_; })) {
    const Time now = clock_.now();
    std::vector<std::pair<std::string, Next>> moves;
    for (spine::Exchange* exchange : table_.due(now)) {
      const Next next = spine::on_time(*exchange, now);
      if (next != Next::nothing) moves.emplace_back(exchange->question_id, next);
      // Handed out once: the attempt itself sets the time of the next.
      if (next == Next::send) exchange->next_attempt = exchange->deadline;
    }
    table_.forget(now);
    lock.unlock();
    for (const auto& [id, next] : moves) {
      const auto work = [this, id = id, next = next] {
        next == Next::send ? resend(id) : act(id, next, "");
      };
      if (!pool_->try_submit(work) && next != Next::send) work();
    }
    lock.lock();
  }
}

}  // namespace cpis::net
