#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "gateway/store/outbox_store.h"

namespace cpis::usecases {

/// The kind of outbox rows that are HL7 v2 messages for an interface engine.
inline constexpr std::string_view engine_alert_kind = "alert.mllp";

/// Brings HL7 v2 alerts out of the outbox to the interface engines that are to have them.
///
/// One thread and one connection for each destination, with one message outstanding (hl7v2.md 3.1),
/// so that one engine that is away delays no other. A message was delivered when the engine
/// acknowledged it with AA or CA and its own control id; AE and CE end the delivery (dead, for a
/// person to see); AR, CR, any other answer, none, or a closed connection are tried again with
/// back-off by the outbox's rule. MSH-10 is the same in every attempt, so the engine can tell a
/// repeat.
class SendEngineAlerts {
 public:
  /// Sends one message and gives the answer; an error when there was none.
  using Send = std::function<Result<std::string>(const std::string& message)>;
  struct Destination {
    std::string name;  ///< as in the outbox: the feed
    Send send;
    store::RetryPolicy retry = {};
  };
  struct Parts {
    store::Database& database;
    const Clock& clock;
    std::string gateway = "gateway.engines";
  };
  struct Counts {
    std::string destination;
    std::uint64_t delivered = 0;
    std::uint64_t refused = 0;  ///< AE: the engine will not take it
    std::uint64_t failed = 0;   ///< attempts without success that are made again
  };

  SendEngineAlerts(const Parts& parts, std::vector<Destination> destinations);
  ~SendEngineAlerts();

  Status start();
  void stop();
  /// There may be something to send. Any thread.
  void wake();
  /// Tries what is due for one destination, at the most one message; gives how many were tried.
  /// For tests and the threads of `start`.
  Result<std::size_t> step(std::size_t destination);

  std::vector<Counts> counts() const;

 private:
  struct Line;
  struct Outcome {
    bool ok = false;
    bool final = false;
    std::string why;
  };
  void run(std::size_t line);
  Outcome deliver(const Line& line, const store::OutboxItem& item) const;

  Parts parts_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t woken_ = 0;
  bool stopping_ = false;
};

}  // namespace cpis::usecases
