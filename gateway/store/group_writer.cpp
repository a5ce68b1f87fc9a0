#include "gateway/store/group_writer.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <typeinfo>
#include <utility>

#include "gateway/observe/thread_name.h"

namespace cpis::store {
namespace {

using Clock = std::chrono::steady_clock;

// A batch that keeps losing deadlocks is failed rather than tried for ever.
constexpr int repeats_max = 20;
constexpr std::chrono::milliseconds retry_pause{5};
constexpr std::chrono::milliseconds reconnect_pause{200};

std::chrono::microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

// An exception is a bug in the work; its text may quote data, its type does not.
Status run_work(const Work& work, Session& session) {
  try {
    return work(session);
  } catch (const std::exception& e) {
    return Error{ErrorKind::fault, std::string{"a work on the store threw "} + typeid(e).name()};
  }
}

}  // namespace

GroupWriter::GroupWriter(Engine& engine, std::unique_ptr<Connection> connection,
                         const OpenOptions& options)
    : engine_{engine}, connection_{std::move(connection)}, options_{options} {
  thread_ = std::thread{[this] { run(); }};
}

GroupWriter::~GroupWriter() { close(); }

bool GroupWriter::submit(Work work, Done done, Urgency urgency) {
  bool changes = false;  // what the writer waits for
  {
    const std::lock_guard lock{mutex_};
    if (closing_ || queue_.size() + taken_ >= options_.queue_max) {
      ++metrics_.works_refused;
      return false;
    }
    if (urgency == Urgency::now && !urgent_) {
      changes = urgent_ = true;
    } else if (queue_.empty()) {
      changes = true;
      later_until_ = Clock::now() + options_.later_time_max;
    }
    queue_.push_back({std::move(work), std::move(done), std::nullopt});
  }
  if (changes) wake_.notify_one();
  return true;
}

Status GroupWriter::write(Work work, Urgency urgency) {
  if (std::this_thread::get_id() == writer_id_.load()) {
    return Error{ErrorKind::fault, "write was called on the writer thread"};
  }
  std::mutex mutex;
  std::condition_variable told;
  std::optional<Status> answer;
  const bool queued = submit(
      std::move(work),
      [&](Status status) {
        const std::lock_guard lock{mutex};
        answer = std::move(status);
        told.notify_one();
      },
      urgency);
  if (!queued) return Error{ErrorKind::busy, "the store's queue is full or closing"};
  std::unique_lock lock{mutex};
  told.wait(lock, [&] { return answer.has_value(); });
  return *std::move(answer);
}

void GroupWriter::add_metrics(DatabaseMetrics& metrics) const {
  const std::lock_guard lock{mutex_};
  metrics = metrics_;
  metrics.queue_depth = queue_.size() + taken_;
}

void GroupWriter::close() {
  const std::lock_guard one_closer{close_mutex_};
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void GroupWriter::run() {
  observe::name_thread("store-writer");
  writer_id_ = std::this_thread::get_id();
  std::vector<Item> items;
  while (take(items)) {
    for (std::size_t start = 0; start < items.size(); start += options_.batch_max) {
      process(Batch{items}.subspan(start, std::min(options_.batch_max, items.size() - start)));
    }
    items.clear();
  }
  connection_.reset();
}

bool GroupWriter::take(std::vector<Item>& items) {
  std::unique_lock lock{mutex_};
  wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  const Clock::time_point until = later_until_;
  wake_.wait_until(lock, until, [this] { return closing_ || urgent_; });
  items.swap(queue_);
  urgent_ = false;
  taken_ = items.size();
  return !items.empty();
}

void GroupWriter::process(Batch batch) {
  const auto start = Clock::now();
  std::optional<Error> failure = make_durable(batch);
  {
    const std::lock_guard lock{mutex_};
    taken_ -= batch.size();
    metrics_.last_batch = since(start);
  }
  count(batch, failure);
  tell(batch, failure);
  if (!failure && engine_.after_commit(*connection_) == Trouble::broken) {
    stop_for_good("checkpoint");
  }
}

// Gives nothing when the batch is committed, else why no part of it was kept.
std::optional<Error> GroupWriter::make_durable(Batch batch) {
  const auto deadline = Clock::now() + options_.reconnect_time_max;
  bool apart = false;
  for (int repeats = 0; repeats < repeats_max;) {
    if (broken_) return broken_;
    if (!connection_) {
      if (auto error = reconnect(deadline)) return error;
    }
    Attempt result = attempt(batch, apart);
    switch (result.outcome) {
      case Outcome::committed:
        return std::nullopt;
      case Outcome::failed:
        return result.error;
      case Outcome::run_apart:
        apart = true;
        continue;
      case Outcome::reconnect:
        connection_.reset();
        if (Clock::now() >= deadline) return result.error;
        break;
      case Outcome::repeat:
        break;
    }
    ++repeats;
    const std::lock_guard lock{mutex_};
    ++metrics_.batches_repeated;
  }
  return Error{ErrorKind::busy, "the store gave up on a batch that kept losing to other writers"};
}

GroupWriter::Attempt GroupWriter::attempt(Batch batch, bool apart) {
  for (Item& item : batch) item.failure.reset();
  if (const Status begun = connection_->begin_write(); !begun) return give_up_on(begun.error());
  Attempt works = run_works(batch, apart);
  if (works.outcome != Outcome::committed) {
    if (works.outcome != Outcome::reconnect) connection_->rollback();
    return works;
  }
  return commit(batch);
}

GroupWriter::Attempt GroupWriter::run_works(Batch batch, bool apart) {
  for (Item& item : batch) {
    if (apart) {
      if (const Status set = connection_->set_savepoint(); !set) return give_up_on(set.error());
    }
    const std::uint64_t changed_before = connection_->rows_changed();
    const Status status = run_work(item.work, *connection_);
    if (connection_->trouble() != Trouble::none) {
      return give_up_on(status ? Error{ErrorKind::unavailable, "the store's transaction was lost"}
                               : status.error());
    }
    if (!status) item.failure = status.error();
    if (!apart) {
      if (!status && connection_->rows_changed() != changed_before) {
        return {Outcome::run_apart, std::nullopt};
      }
      continue;
    }
    const Status settled =
        status ? connection_->release_savepoint() : connection_->rollback_to_savepoint();
    if (!settled) return give_up_on(settled.error());
  }
  return {Outcome::committed, std::nullopt};
}

GroupWriter::Attempt GroupWriter::commit(Batch batch) {
  const auto start = Clock::now();
  if (const Status committed = connection_->commit(); !committed) {
    Attempt failed = give_up_on(committed.error());
    if (failed.outcome != Outcome::reconnect) connection_->rollback();
    return failed;
  }
  const std::lock_guard lock{mutex_};
  metrics_.last_commit = since(start);
  metrics_.rows_changed += connection_->rows_changed();
  ++metrics_.batches;
  metrics_.works += batch.size();
  return {Outcome::committed, std::nullopt};
}

// What a failure of the transaction itself asks for.
GroupWriter::Attempt GroupWriter::give_up_on(const Error& error) {
  switch (connection_->trouble()) {
    case Trouble::repeat:
      wait_before_retry(retry_pause);
      return {Outcome::repeat, error};
    case Trouble::lost:
      return {Outcome::reconnect, error};
    case Trouble::broken:
      stop_for_good(error.message);
      return {Outcome::failed, broken_};
    case Trouble::none:
    case Trouble::aborted:
      break;
  }
  return {Outcome::failed, error};
}

// After a failed flush nobody knows what the disk holds; a later success would prove nothing.
void GroupWriter::stop_for_good(const std::string& why) {
  broken_ =
      Error{ErrorKind::unavailable,
            "the store stopped after a disk failure; restart when the disk is well (" + why + ")"};
  const std::lock_guard lock{mutex_};
  metrics_.failed = true;
}

std::optional<Error> GroupWriter::reconnect(Clock::time_point deadline) {
  while (true) {
    auto opened = engine_.open_writer();
    if (opened) {
      connection_ = *std::move(opened);
      const std::lock_guard lock{mutex_};
      ++metrics_.reconnects;
      return std::nullopt;
    }
    if (Clock::now() >= deadline || !wait_before_retry(reconnect_pause)) return opened.error();
  }
}

// False when the store is closing: then nobody waits for a server that is away.
bool GroupWriter::wait_before_retry(std::chrono::milliseconds pause) {
  std::unique_lock lock{mutex_};
  return !wake_.wait_for(lock, pause, [this] { return closing_; });
}

void GroupWriter::count(Batch batch, const std::optional<Error>& failure) {
  const auto failed = failure ? batch.size()
                              : static_cast<std::size_t>(std::ranges::count_if(
                                    batch, [](const Item& i) { return i.failure.has_value(); }));
  if (failed == 0) return;
  const std::lock_guard lock{mutex_};
  metrics_.works_failed += failed;
  if (!failure) metrics_.works -= failed;
}

void GroupWriter::tell(Batch batch, const std::optional<Error>& failure) {
  std::uint64_t faults = 0;
  const auto guarded = [&faults](const auto& call) {
    try {
      call();
    } catch (const std::exception&) {
      ++faults;
    }
  };
  const auto all = [&] {
    for (Item& item : batch) {
      const auto& error = failure ? failure : item.failure;
      if (item.done) guarded([&] { item.done(error ? Status{*error} : Status{done}); });
    }
  };
  if (around_)
    around_(all);
  else
    all();
  if (faults == 0) return;
  const std::lock_guard lock{mutex_};
  metrics_.callback_faults += faults;
}

}  // namespace cpis::store
