#include "gateway/net/circuit_breaker.h"

namespace cpis::net {

bool CircuitBreaker::may_call(Time now) {
  const std::lock_guard lock{mutex_};
  if (state_ == State::closed) return true;
  if (now < probe_at_) return false;
  // One probe; if nothing is heard of it, another after the next rest.
  state_ = State::probing;
  probe_at_ = now + rest_;
  return true;
}

void CircuitBreaker::succeeded() {
  const std::lock_guard lock{mutex_};
  state_ = State::closed;
  failures_ = 0;
}

void CircuitBreaker::failed(Time now) {
  const std::lock_guard lock{mutex_};
  ++failures_;
  if (state_ == State::closed && failures_ < failures_max_) return;
  state_ = State::open;
  probe_at_ = now + rest_;
}

CircuitBreaker::State CircuitBreaker::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

std::string_view name_of(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::closed:
      return "closed";
    case CircuitBreaker::State::open:
      return "open";
    case CircuitBreaker::State::probing:
      return "probing";
  }
  return "";
}

}  // namespace cpis::net
