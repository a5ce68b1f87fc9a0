#pragma once

#include <cstdint>
#include <string>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::app {

/// Which of the gateways on one store this process is: 0 to 63, a lease in the store. Row ids of
/// different gateways differ by it, and what one has begun to deliver is told by it from what
/// another has.
class GatewayNumber {
 public:
  /// Takes the lowest that nobody has; 0, without a lease, in a store that only one gateway writes.
  /// `busy` when there are too many gateways.
  static Result<GatewayNumber> take(store::Database& database, Time now);

  int value() const { return value_; }
  /// As whom it claims deliveries, alone or with a `.` and a word behind it.
  std::string name() const;
  /// At least every few seconds. Also frees what gateways that are gone had begun to deliver.
  Status prolong(store::Database& database, Time now) const;
  /// At the end: the next gateway may have it at once.
  void give_back(store::Database& database) const;

 private:
  bool shared_ = false;
  int value_ = 0;
  std::string holder_ = {};
  std::int64_t fence_ = 0;
};

}  // namespace cpis::app
