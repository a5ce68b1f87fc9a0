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
  wait_until_nobody_stays();
  pool_->drain();
  // Whoever still waits is told the truth; the store keeps the exchange open for the next start.
  std::map<std::string, std::vector<Waiter>> left;
  {
    const std::lock_guard lock{mutex_};
    left.swap(waiting_);
  }
  for (auto& [id, waiting] : left) {
    tell(std::move(waiting),
         CouldNotAsk{{ErrorKind::unavailable, "the gateway is stopping"}, true});
  }
}

SpineSource::Stay SpineSource::stay() {
  {
    const std::lock_guard lock{stays_mutex_};
    ++stays_;
  }
  return {static_cast<void*>(this), [this](void*) {
            const std::lock_guard lock{stays_mutex_};
            if (--stays_ == 0) stays_changed_.notify_all();
          }};
}

void SpineSource::wait_until_nobody_stays() {
  std::unique_lock lock{stays_mutex_};
  stays_changed_.wait(lock, [this] { return stays_ == 0; });
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

void SpineSource::ask_traced(ProtectionQuestion question, store::QuestionTrace trace,
                             Done answered) {
  ++counters_.asked;
  put(std::move(question), std::move(trace.asked),
      {std::move(answered), std::move(trace.answered)});
}

void SpineSource::put(ProtectionQuestion question, store::Work asked, Waiter waiter) {
  const std::string id = question.id;
  bool known = false;
  bool under_way = false;
  {
    const std::lock_guard lock{mutex_};
    const spine::Exchange* exchange = table_.by_question(id);
    const bool open = exchange != nullptr && exchange->state != spine::ExchangeState::resolved;
    under_way = open || waiting_.count(id) != 0;
    known = under_way || exchange != nullptr;
    if (!known || !asked) waiting_[id].push_back(std::move(waiter));
  }
  if (known && asked) return put_again(std::move(question), std::move(asked), std::move(waiter));
  if (under_way) {
    // The same question is on its way, or came over a restart: one outcome for all who ask.
    ++counters_.repeated_questions;
  } else if (known) {
    const bool taken = pool_->try_submit([this, id, stays = stay()] { tell_as_before(id); });
    if (!taken) tell(take_waiting(id), too_many_wait);
  } else {
    // Ids that grow with time lie beside each other in the store: one page serves many.
    spine::Exchange exchange{id, ordered_uuid(clock_.now()), question.person};
    send_first(
        std::make_shared<Job>(Job{std::move(question), std::move(asked), std::move(exchange)}));
  }
}

// Nothing goes out with it, so the trace is kept by itself before anything is told.
void SpineSource::put_again(ProtectionQuestion question, store::Work asked, Waiter waiter) {
  const auto again = std::make_shared<std::pair<ProtectionQuestion, Waiter>>(std::move(question),
                                                                             std::move(waiter));
  const bool queued =
      database_.submit(std::move(asked), [this, again, stays = stay()](const Status& kept) {
        if (kept) return put(std::move(again->first), {}, std::move(again->second));
        tell_one(std::move(again->second), CouldNotAsk{kept.error(), false});
      });
  if (!queued) tell_one(std::move(again->second), store_is_full);
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
      if (next == Next::tell) resolve(id, "", std::nullopt);
      if (next == Next::send) pool_->try_submit([this, id = id, stays = stay()] { resend(id); });
    }
    lock.lock();
  }
}

}  // namespace cpis::net
