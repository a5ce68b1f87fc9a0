#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/peers/hospital/feed.h"

namespace cpis::hospital {

/// How a feed is sent.
struct FeedRun {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::size_t connections = 4;
  double rate = 0;                       ///< messages a second; 0: as soon as answered
  std::uint64_t count = 0;               ///< 0: no end
  std::chrono::milliseconds duration{};  ///< 0: no end
  /// Share of messages whose connection is dropped before the answer, and that are sent again.
  double share_disconnected = 0;
  std::chrono::milliseconds answer_time{5'000};
  /// How long a message is sent again and again while nobody answers; then it is given up.
  std::chrono::milliseconds patience{30'000};
  /// Called when a message is acknowledged, on the thread of its connection; may be null.
  std::function<void(const FeedMessage&, std::string_view code)> answered;
};

struct FeedCounts {
  std::atomic<std::uint64_t> sent{0};      ///< messages of the feed that were taken up
  std::atomic<std::uint64_t> accepted{0};  ///< AA or CA
  std::atomic<std::uint64_t> refused{0};   ///< any other answer
  std::atomic<std::uint64_t> given_up{0};  ///< nobody answered in time
  std::atomic<std::uint64_t> sent_again{0};
  std::atomic<std::uint64_t> dropped{0};  ///< connections dropped on purpose
};

/// Sends the feed as interface engines do: each connection has one message outstanding and sends it
/// again until it is answered. All messages about one person go over one connection, in the order
/// of the feed. Blocks until the count or the time is reached, or `stop` becomes true; what was
/// taken up is then still answered or given up.
void run_feed(const FeedRun& run, HospitalFeed& feed, const std::atomic<bool>& stop,
              FeedCounts& counts);

}  // namespace cpis::hospital
