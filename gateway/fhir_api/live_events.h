#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/http/reply.h"

namespace cpis::fhir_api {

/// Server-sent events for the console: how arrivals, checks, alerts and notices stand, whenever
/// that changes. Counts only: nothing about a person. A reader that does not keep up is let go, and
/// so are all when the gateway stops. Safe to call from many threads.
class LiveEvents {
 public:
  static constexpr std::size_t streams_max = 50;

  /// `counts` gives one line of JSON.
  explicit LiveEvents(std::function<std::string()> counts) : counts_{std::move(counts)} {}

  /// Takes a reader and tells it how things stand; 503 when there are too many.
  void add(http::Reply&& reply);
  /// Tells all readers what has changed; something now and then when nothing has, so that dead
  /// connections show. Call it about once a second.
  void tick();
  void stop();
  std::size_t readers() const;

 private:
  void tell(const std::string& text);

  std::function<std::string()> counts_;
  mutable std::mutex mutex_;
  std::vector<http::StreamWriter> streams_;
  std::string last_;
  std::size_t number_ = 0;
  int quiet_ticks_ = 0;
  bool stopped_ = false;
};

}  // namespace cpis::fhir_api
