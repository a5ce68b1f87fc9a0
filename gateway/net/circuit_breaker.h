#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "adapters/core/time.h"

namespace cpis::net {

/// Stops asking a service that is away, so that callers get "could not be asked" at once and not
/// after a deadline each. After `rest` one call is let through to see; its outcome decides.
///
/// Safe to call from many threads.
class CircuitBreaker {
 public:
  enum class State : std::uint8_t { closed, open, probing };

  CircuitBreaker(int failures_max, Duration rest) : failures_max_{failures_max}, rest_{rest} {}

  /// Whether a call may be made now.
  bool may_call(Time now);
  void succeeded();
  void failed(Time now);
  State state() const;

 private:
  const int failures_max_;
  const Duration rest_;
  mutable std::mutex mutex_;
  State state_ = State::closed;
  int failures_ = 0;
  Time probe_at_{};
};

std::string_view name_of(CircuitBreaker::State state);

}  // namespace cpis::net
