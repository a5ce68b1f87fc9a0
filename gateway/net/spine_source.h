#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/spine/exchange.h"
#include "adapters/spine/query.h"
#include "adapters/spine/sds.h"
#include "gateway/net/circuit_breaker.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/spine_exchange_store.h"
#include "gateway/net/spine_lookup.h"
#include "gateway/net/worker_pool.h"
#include "gateway/store/database.h"
#include "gateway/store/traced_source.h"

namespace cpis::net {

struct SpineSettings {
  std::string asid;       ///< of this gateway
  std::string party_key;  ///< of this gateway
  std::string reply_to;   ///< our address, named in synchronous SOAP
  spine::ScheduledMarker scheduled_marker = spine::ScheduledMarker::not_configured;
  std::size_t threads = 64;            ///< calls under way at one time
  std::size_t waiting_max = 10'000;    ///< questions that wait for a thread
  std::size_t exchanges_max = 20'000;  ///< questions without an outcome, and timed-out ones
  int failures_max = 5;                ///< then the circuit opens
  Duration rest = std::chrono::seconds{10};
  Duration persist_min = std::chrono::minutes{10};  ///< how long late answers are matched at least
  /// Fills what the records of Spine lack, above all the ids of plans. Any thread.
  std::function<void(ProtectionRecord&)> complete = {};
};

/// What has been asked and what came of it, from the start.
struct SpineCounters {
  std::atomic<std::uint64_t> asked{0}, answered{0}, none_held{0}, late{0}, parked{0}, duplicates{0},
      resent{0}, repeated_questions{0};
  std::array<std::atomic<std::uint64_t>, error_kinds> failed{};
};

/// The national service: queries over TMS, synchronous or asynchronous as the contract says.
///
/// A question is written to the store before it is sent, and its outcome before it is told; the
/// asker's trace is written with them. A question id that was asked before, also before a restart,
/// gets the outcome of the first time and is never sent again. Nothing that may have been received
/// is sent again, but for the same bytes under the reliable pattern.
///
/// A question is built on the asker's thread and kept by the store's; only the call itself, and
/// what has to look into the store, takes a thread of the pool.
class SpineSource final : public store::TracedSource {
 public:
  /// Reads the exchanges that were open when the program ended, and resolves them.
  static Result<std::unique_ptr<SpineSource>> open(SpineSettings settings,
                                                   store::Database& database, HttpSender& sender,
                                                   SpineLookup& lookup, const Clock& clock);
  ~SpineSource() override;

  void ask_traced(ProtectionQuestion question, store::QuestionTrace trace, Done answered) override;

  /// What an inbound message from Spine is answered with. The status is 200 or 202; 503 only when
  /// the store cannot take it: then Spine keeps it and tries again.
  struct InboundReply {
    int status = 202;
    spine::HttpContent content;
  };
  using Replied = std::function<void(InboundReply)>;
  /// Takes a message and does not block: `replied` is called once, when it is durable, on any
  /// thread. Messages that nothing in memory refers to are looked up on `beside`, which is to be
  /// drained before the source ends.
  void receive(std::string_view content_type, std::string_view body, WorkerPool& beside,
               Replied replied);

  Result<std::vector<KeptExchange>> late_answers(std::size_t most) const;
  const SpineCounters& counters() const { return counters_; }
  CircuitBreaker::State circuit() const { return breaker_.state(); }
  std::size_t open_exchanges() const;

 private:
  struct Job;
  struct Waiter;
  struct Telling;
  struct Arrived;
  /// While one of these lives the source does not end.
  using Stay = std::shared_ptr<void>;

  SpineSource(SpineSettings settings, store::Database& database, HttpSender& sender,
              SpineLookup& lookup, const Clock& clock);
  Status recover();
  void watch_time();
  Stay stay();
  void wait_until_nobody_stays();

  // Questions as they come (spine_source.cpp). On the asker's or the store's thread.
  void put(ProtectionQuestion question, store::Work asked, Waiter waiter);
  void put_again(ProtectionQuestion question, store::Work asked, Waiter waiter);

  // Out (spine_send.cpp). `send_first`, `keep` and `refuse` do not block; pool threads do the rest.
  void send_first(const std::shared_ptr<Job>& job);
  void begin(const std::shared_ptr<Job>& job, const Stay& stays);
  std::optional<CouldNotAsk> prepare(const std::shared_ptr<Job>& job);
  void keep(const std::shared_ptr<Job>& job, const Stay& stays);
  void refuse(Job& job, const CouldNotAsk& why);
  Status build(Job& job);
  void send_kept(const std::shared_ptr<Job>& job, const Status& kept);
  bool is_ours(const Job& job);
  bool timed_out_meanwhile(const Job& job);
  void attempt(const Job& job);
  HttpOutcome transmit(const Job& job);
  void resend(const std::string& question_id);

  // In (spine_receive.cpp).
  void take_unreadable(std::string_view body, WorkerPool& beside, Replied replied);
  void settle(const Arrived& arrived, const Status& taken);
  Result<bool> park_message(const spine::EbxmlMessage& message, std::string_view body);
  Status take_unmatched(const Arrived& arrived);
  void take_matched(const std::shared_ptr<Arrived>& arrived, WorkerPool& beside);
  void take_late(const std::shared_ptr<Arrived>& arrived, WorkerPool& beside);
  Status keep_late(const std::string& question_id, std::string_view answer);
  void forget_late(const std::string& question_id);

  // Outcomes (spine_outcome.cpp). `resolve` does not block and calls `kept`, if there is one, on
  // any thread.
  void resolve(const std::string& question_id, std::string answer,
               const std::optional<spine::Answer>& read,
               std::function<void(const Status&)> kept = {});
  std::shared_ptr<Telling> begin_telling(const std::string& question_id, std::string answer,
                                         const std::optional<spine::Answer>& read);
  void keep_outcome(const std::shared_ptr<Telling>& telling);
  void finish_telling(Telling& telling, const Status& kept);
  Status write(const store::Work& work);  ///< logs a failure
  void give_up(const std::string& question_id, const CouldNotAsk& why);
  void tell_as_before(const std::string& question_id);
  ProtectionAnswer outcome_of(const std::string& question_id);
  ProtectionAnswer told(const spine::Exchange& exchange,
                        const std::optional<spine::Answer>& answer) const;
  void forget(const std::string& question_id);
  std::vector<Waiter> take_waiting(const std::string& question_id);
  void tell(std::vector<Waiter> waiting, const ProtectionAnswer& answer);
  void tell_one(Waiter waiter, ProtectionAnswer answer);
  void tell_after(store::Work trace, Done told, ProtectionAnswer answer);
  void count(const ProtectionAnswer& answer);

  const SpineSettings settings_;
  store::Database& database_;
  HttpSender& sender_;
  SpineLookup& lookup_;
  const Clock& clock_;
  CircuitBreaker breaker_;
  SpineCounters counters_;

  mutable std::mutex mutex_;  ///< table_, seen_, jobs_, waiting_, stopping_
  spine::ExchangeTable table_;
  spine::SeenMessages seen_;
  std::map<std::string, std::shared_ptr<Job>> jobs_;
  /// An entry, even an empty one, says that the outcome is still to come.
  std::map<std::string, std::vector<Waiter>> waiting_;
  bool stopping_ = false;
  std::condition_variable stop_;
  std::mutex stays_mutex_;
  std::condition_variable stays_changed_;
  std::size_t stays_ = 0;  ///< guarded by stays_mutex_

  std::unique_ptr<WorkerPool> pool_;
  std::thread timer_;
};

}  // namespace cpis::net
