#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cpis::load {

using Nanoseconds = std::chrono::nanoseconds;

/// How long things took, within 3 % of the truth from a nanosecond to hours, in fixed memory.
class Histogram {
 public:
  void add(Nanoseconds duration);
  void add(const Histogram& other);
  std::uint64_t count() const noexcept { return count_; }
  /// The duration that `fraction` (0 to 1) of all did not exceed; zero when there are none.
  Nanoseconds at(double fraction) const;
  Nanoseconds longest() const noexcept { return longest_; }

 private:
  // 32 steps for each power of two.
  static constexpr std::size_t step_bits = 5;
  static constexpr std::size_t steps = std::size_t{1} << step_bits;
  static std::size_t place(std::uint64_t value);
  static std::uint64_t upper_end(std::size_t place);

  std::array<std::uint64_t, (64 - step_bits + 1) * steps> counts_{};
  std::uint64_t count_ = 0;
  Nanoseconds longest_{0};
};

}  // namespace cpis::load
