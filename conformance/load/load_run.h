#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "adapters/core/result.h"
#include "conformance/load/answers.h"
#include "conformance/load/histogram.h"

namespace cpis::load {

struct Plan {
  Wire wire = Wire::http;
  std::uint16_t port = 0;  ///< on 127.0.0.1, the only place this is for
  std::size_t connections = 16;
  std::size_t window = 1;  ///< requests of one connection that wait for an answer; 1 as engines do
  std::chrono::milliseconds duration{3'000};
  std::chrono::milliseconds warm_up{300};  ///< before it, and not counted
  std::uint64_t requests_max = 0;          ///< 0: as many as there is time for
  /// Requests a second over all connections; 0: each connection sends as soon as it is answered.
  /// With a rate the time counts from the moment a request was due, so that a stall is not hidden
  /// by the requests it holds up.
  double rate = 0;
  /// The bytes to send; called with 0, 1, 2... on the thread of `run`.
  std::function<std::string(std::uint64_t number)> request;
  /// Looks closer at a good answer; null: good is good enough.
  std::function<bool(std::uint64_t number, std::string_view content)> check;
};

struct Outcome {
  std::uint64_t good = 0;
  std::uint64_t bad = 0;   ///< answered, but not as wanted
  std::uint64_t lost = 0;  ///< the connection ended, or time was up, before the answer
  std::uint64_t reconnects = 0;
  double seconds = 0;
  Histogram latency;  ///< of all answers, good and bad
  double per_second() const { return seconds > 0 ? static_cast<double>(good + bad) / seconds : 0; }
};

/// Runs the plan on the calling thread. `unavailable` when nobody listens.
Result<Outcome> run(const Plan& plan);

/// One line: answers a second, 50th, 90th, 99th, 99.9th percentile and longest, what went wrong.
std::string summary(const Outcome& outcome);

}  // namespace cpis::load
