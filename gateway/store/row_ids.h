#pragma once

#include <atomic>
#include <cstdint>

#include "adapters/core/time.h"

namespace cpis::store {

/// Gives row ids that grow with time: microseconds since 2020 times 64, plus the gateway's number.
/// Strictly growing within one gateway, different between gateways, good until the year 6588.
///
/// Ask for the id before the work is queued: a work that runs again must insert the same row.
class RowIds {
 public:
  static constexpr int gateways_max = 64;

  /// `gateway` is 0 to 63, one for each gateway of a cluster. No id will be `above` or less: give
  /// the largest id in the store, in case the clock was set back.
  explicit RowIds(int gateway, std::int64_t above = 0);

  /// Safe to call from many threads.
  std::int64_t next(Time now);

  /// The smallest id a row of this moment can have; for "everything before" queries.
  static std::int64_t first_of(Time moment);
  /// When the row was made, to the microsecond.
  static Time time_of(std::int64_t id);

 private:
  const std::int64_t gateway_;
  std::atomic<std::int64_t> last_;
};

}  // namespace cpis::store
