#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/protection_source.h"
#include "gateway/net/circuit_breaker.h"
#include "gateway/net/pds_client.h"
#include "gateway/net/worker_pool.h"

namespace cpis::net {

struct PdsSourceSettings {
  std::size_t threads = 4;
  std::size_t waiting_max = 500;                ///< more questions than this go out unconfirmed
  Duration patience = std::chrono::seconds{3};  ///< for PDS and for a place in its queue
  int failures_max = 3;
  Duration rest = std::chrono::seconds{10};
};

/// What became of the NHS numbers, from the start.
struct PdsCounters {
  std::atomic<std::uint64_t> confirmed{0}, superseded{0}, unknown{0}, unconfirmed{0};
  std::atomic<std::uint64_t> restricted{0};  ///< of those whose number was found
};

/// Confirms an NHS number with PDS before the question about it goes out.
///
/// A superseded number is followed: the question is about the number that took its place. A number
/// that PDS does not know, or has invalidated, is not asked about: CP-IS would hold nothing under
/// it, and that would read like none held. When PDS is away, refuses us or is too busy, the
/// question goes out with the number as it came: PDS must not stand between a child and its record.
/// A restricted person is asked about like any other: nothing but the number is taken from PDS, so
/// nothing that it withholds, or should have withheld, can leave here.
///
/// Safe to call from many threads; does not block. Questions wait here for PDS's rate, each at most
/// for `patience` and never past half of its own time. After some failures in a row PDS is left in
/// peace for a while, so that its being away costs the questions nothing.
class PdsSource final : public ProtectionSource {
 public:
  /// The other parts must outlive the source.
  PdsSource(PdsSourceSettings settings, PdsClient& pds, ProtectionSource& asked,
            const Clock& clock);
  /// Questions that wait go out unconfirmed.
  ~PdsSource() override;

  void ask(ProtectionQuestion question, Done answered) override;
  const PdsCounters& counters() const { return counters_; }

 private:
  void confirm_and_ask(ProtectionQuestion question, Time came, Done answered);
  Result<spine::PdsRead> confirm(const ProtectionQuestion& question, Time came);
  Result<spine::PdsRead> read_in_turn(const ProtectionQuestion& question, Time came);
  bool pause();

  const PdsSourceSettings settings_;
  PdsClient& pds_;
  ProtectionSource& asked_;
  const Clock& clock_;
  PdsCounters counters_;
  CircuitBreaker breaker_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  WorkerPool pool_;
};

}  // namespace cpis::net
