#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "gateway/store/connection.h"
#include "gateway/store/database.h"
#include "gateway/store/open.h"

namespace cpis::store {

/// The single writer: a bounded queue, one thread, one transaction for all that is waiting. When
/// nobody waits for any of it (Urgency::later) it is left for a moment, to be committed with what
/// comes.
///
/// A batch first runs without savepoints, which is what nearly every batch needs. Only when a work
/// fails after it changed something is the batch rolled back and run again with a savepoint for
/// each work, so that the failure stays its own.
class GroupWriter {
 public:
  /// `engine` must live longer than the writer. `connection` is the first; a lost one is replaced
  /// through the engine.
  GroupWriter(Engine& engine, std::unique_ptr<Connection> connection, const OpenOptions& options);
  ~GroupWriter();
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  bool submit(Work work, Done done, Urgency urgency = Urgency::now);
  Status write(Work work, Urgency urgency = Urgency::now);
  void around_answers(Around around) { around_ = std::move(around); }
  void add_metrics(DatabaseMetrics& metrics) const;
  void close();

 private:
  struct Item {
    Work work;
    Done done;
    std::optional<Error> failure;
  };
  using Batch = std::span<Item>;
  enum class Outcome { committed, run_apart, repeat, reconnect, failed };
  struct Attempt {
    Outcome outcome;
    std::optional<Error> error;
  };

  void run();
  bool take(std::vector<Item>& items);
  void process(Batch batch);
  std::optional<Error> make_durable(Batch batch);
  Attempt attempt(Batch batch, bool apart);
  Attempt run_works(Batch batch, bool apart);
  Attempt commit(Batch batch);
  Attempt give_up_on(const Error& error);
  void stop_for_good(const std::string& why);
  std::optional<Error> reconnect(std::chrono::steady_clock::time_point deadline);
  bool wait_before_retry(std::chrono::milliseconds pause);
  void tell(Batch batch, const std::optional<Error>& failure);
  void count(Batch batch, const std::optional<Error>& failure);

  Engine& engine_;
  std::unique_ptr<Connection> connection_;
  const OpenOptions options_;
  Around around_;
  std::optional<Error> broken_;  // writer thread only

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_;  // guarded by mutex_
  bool urgent_ = false;      // guarded by mutex_: somebody waits for what is in the queue
  std::chrono::steady_clock::time_point later_until_{};  // guarded by mutex_: of the queue's first
  bool closing_ = false;                                 // guarded by mutex_
  std::size_t taken_ = 0;    // guarded by mutex_: taken from the queue, not yet told
  DatabaseMetrics metrics_;  // guarded by mutex_
  std::mutex close_mutex_;
  std::thread thread_;
  std::atomic<std::thread::id> writer_id_{};
};

}  // namespace cpis::store
