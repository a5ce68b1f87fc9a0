#pragma once

#include <cstdint>

#include "adapters/core/nhs_number.h"
#include "adapters/core/person.h"

namespace cpis::county {

/// A small generator of numbers that gives the same sequence everywhere (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next();
  /// 0..n-1; n > 0.
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  /// True `percent` times in a hundred.
  bool chance(int percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

/// Test numbers in order, each once. At most 900,000.
class TestNumbers {
 public:
  NhsNumber next();

 private:
  std::uint64_t body_ = 0;
};

PersonName invented_name(Dice& dice, bool female);

}  // namespace cpis::county
