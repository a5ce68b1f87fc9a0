#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/core/caller.h"
#include "adapters/core/nhs_number.h"
#include "adapters/core/time.h"

namespace cpis::fhir_api {

/// Which requests belong to one clinical look, so that a screen that reads Flag, CareTeam and
/// AuditEvent, follows a link, retries or asks again within minutes makes one access and one
/// notice.
///
/// Requests of the same caller about the same person within the window have the same question id;
/// the register keeps one access for one id. Bounded: the oldest looks are forgotten first, which
/// can only lead to one more notice, never to one less. Safe to call from many threads.
class LookBook {
 public:
  explicit LookBook(Duration window, std::size_t looks_max = 200'000)
      : window_{window}, looks_max_{looks_max} {}

  /// The question id for this look; `fresh_id` when it is a new one.
  std::string question_id(const Caller& caller, const NhsNumber& person, Time now,
                          std::string fresh_id);

 private:
  struct Look {
    std::string question_id;
    Time begun{};
  };
  void forget_before(Time moment);

  Duration window_;
  std::size_t looks_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Look> looks_;
  std::deque<std::pair<Time, std::string>> order_;
};

}  // namespace cpis::fhir_api
