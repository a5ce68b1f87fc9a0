#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/peers/hospital/feed.h"

namespace cpis::test {

/// What the gateway acknowledged, as the sender saw it. Any thread.
class Ledger {
 public:
  void acknowledged(const hospital::FeedMessage& message, std::string_view code);

  struct Visit {
    std::string last_trigger;  ///< of the newest event that was acknowledged
  };
  /// Control numbers by person, in the order of their acknowledgement, re-sends left out.
  const std::map<std::string, std::vector<std::uint64_t>>& people() const { return people_; }
  const std::map<std::string, Visit>& visits() const { return visits_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t refused() const { return refused_; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<std::uint64_t>> people_;
  std::map<std::string, Visit> visits_;
  std::uint64_t messages_ = 0;
  std::uint64_t refused_ = 0;
};

/// The number that the feed's control ids are.
std::uint64_t control_number(std::string_view control_id);

}  // namespace cpis::test
