#include "conformance/load/histogram.h"

#include <algorithm>
#include <bit>

namespace cpis::load {

std::size_t Histogram::place(std::uint64_t value) {
  if (value < steps) return static_cast<std::size_t>(value);
  const auto power = static_cast<std::size_t>(std::bit_width(value)) - 1;
  const std::size_t shift = power - step_bits;
  return (shift + 1) * steps + static_cast<std::size_t>(value >> shift) - steps;
}

std::uint64_t Histogram::upper_end(std::size_t place) {
  if (place < steps) return place;
  const std::size_t shift = place / steps - 1;
  const std::uint64_t first = std::uint64_t{steps + place % steps} << shift;
  return first + (std::uint64_t{1} << shift) - 1;
}

void Histogram::add(Nanoseconds duration) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  ++counts_[place(value)];
  ++count_;
  longest_ = std::max(longest_, duration);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  longest_ = std::max(longest_, other.longest_);
}

Nanoseconds Histogram::at(double fraction) const {
  if (count_ == 0) return Nanoseconds{0};
  const double wanted = fraction * static_cast<double>(count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen == 0 || static_cast<double>(seen) < wanted) continue;
    return std::min(Nanoseconds{static_cast<std::int64_t>(upper_end(i))}, longest_);
  }
  return longest_;
}

}  // namespace cpis::load
