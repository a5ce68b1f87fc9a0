#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "gateway/store/outbox_store.h"

namespace cpis::usecases {

/// Brings what the outbox holds to whoever is to be told: `alert.webhook` is posted, `alert.file`
/// is appended as a line and flushed.
///
/// At least once, in order for each attendance, retried with back-off and jitter by the outbox's
/// rule; a 4xx answer other than 408, 425 and 429 ends the delivery and is shown as dead. One
/// thread of its own.
class DeliverAlerts {
 public:
  /// Posts a payload and gives the HTTP status; an error when there was no answer.
  using Post = std::function<Result<int>(const std::string& url, const std::string& content_type,
                                         const std::string& payload, const std::string& id)>;
  struct Parts {
    store::Database& database;
    const Clock& clock;
    Post post;
    std::string gateway = "gateway";
    store::RetryPolicy retry;
  };
  explicit DeliverAlerts(Parts parts);
  ~DeliverAlerts();

  Status start();
  void stop();
  void wake();
  /// One bounded pass over what is due; gives how many were tried. What became of them is noted by
  /// the next pass. For tests and `start`'s thread.
  Result<std::size_t> step();

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t failed() const { return failed_; }

 private:
  struct Outcome {
    bool ok = false;
    bool final = false;
    std::string error;
  };
  struct Tried {
    store::OutboxItem item;
    Outcome outcome;
  };
  void run();
  Outcome deliver(const store::OutboxItem& item) const;
  void count(const store::OutboxItem& item, const Outcome& outcome);
  Status note_tried(store::Session& session, Time now) const;
  Status note_one(store::Session& session, const store::OutboxItem& item, const Outcome& outcome,
                  Time now) const;

  Parts parts_;
  store::OutboxStore outbox_;
  std::vector<Tried> tried_;  // by the last pass, not noted yet; the thread's own
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cpis::usecases
