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
#include "adapters/core/ports/protection_source.h"
#include "adapters/spine/exchange.h"
#include "adapters/spine/query.h"
#include "adapters/spine/sds.h"
#include "gateway/net/circuit_breaker.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/spine_exchange_store.h"
#include "gateway/net/spine_lookup.h"
#include "gateway/net/worker_pool.h"
#include "gateway/store/database.h"

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
};

/// What has been asked and what came of it, from the start.
struct SpineCounters {
  std::atomic<std::uint64_t> asked{0}, answered{0}, none_held{0}, late{0}, parked{0}, duplicates{0},
      resent{0}, repeated_questions{0};
  std::array<std::atomic<std::uint64_t>, error_kinds> failed{};
};

/// The national service: queries over TMS, synchronous or asynchronous as the contract says.
///
/// A question is written to the store before it is sent, and its outcome before it is told. A
/// question id that was asked before, also before a restart, gets the outcome of the first time and
/// is never sent again. Nothing that may have been received is sent again, but for the same bytes
/// under the reliable pattern.
class SpineSource final : public ProtectionSource {
 public:
  /// Reads the exchanges that were open when the program ended, and resolves them.
  static Result<std::unique_ptr<SpineSource>> open(SpineSettings settings,
                                                   store::Database& database, HttpSender& sender,
                                                   SpineLookup& lookup, const Clock& clock);
  ~SpineSource() override;

  void ask(ProtectionQuestion question, Done answered) override;

  /// An inbound message from Spine, to be answered with this. Blocks until it is durable. The
  /// status is 200 or 202; 503 only when the store cannot take it: then Spine keeps it and tries
  /// again.
  struct InboundReply {
    int status = 202;
    spine::HttpContent content;
  };
  InboundReply receive(std::string_view content_type, std::string_view body);

  Result<std::vector<KeptExchange>> late_answers(std::size_t most) const;
  const SpineCounters& counters() const { return counters_; }
  CircuitBreaker::State circuit() const { return breaker_.state(); }
  std::size_t open_exchanges() const;

 private:
  struct Job;
  SpineSource(SpineSettings settings, store::Database& database, HttpSender& sender,
              SpineLookup& lookup, const Clock& clock);
  Status recover();
  void watch_time();

  // Out (spine_send.cpp). On pool threads.
  void begin(const std::shared_ptr<Job>& job);
  Status build(Job& job);
  bool is_ours(const Job& job);
  bool timed_out_meanwhile(const Job& job);
  void attempt(const std::shared_ptr<Job>& job);
  HttpOutcome transmit(const Job& job);
  void resend(const std::string& question_id);

  // In (spine_receive.cpp). On the caller's thread.
  Result<bool> park_message(const spine::EbxmlMessage& message, std::string_view body);
  Status take_unmatched(const spine::EbxmlMessage& message, std::string_view refers_to,
                        bool is_answer);
  Status take_matched(const spine::EbxmlMessage& message, const spine::Answer& answer,
                      const std::string& question_id);

  Status keep_late(const spine::Exchange& exchange, std::string_view answer);

  // Outcomes (spine_source.cpp).
  void act(const std::string& question_id, spine::Next next, const std::string& answer);
  Status resolve(const std::string& question_id, std::string_view answer);
  Status keep_answer(const spine::Exchange& exchange, std::string_view answer);
  void give_up(const std::string& question_id, const CouldNotAsk& why);
  void tell_as_before(const std::string& question_id);
  ProtectionAnswer outcome_of(const std::string& question_id);
  void forget(const std::string& question_id);
  std::vector<Done> take_waiting(const std::string& question_id);
  void tell(std::vector<Done> waiting, const ProtectionAnswer& answer);

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
  std::map<std::string, std::vector<Done>> waiting_;
  bool stopping_ = false;
  std::condition_variable stop_;

  std::unique_ptr<WorkerPool> pool_;
  std::thread timer_;
};

}  // namespace cpis::net
