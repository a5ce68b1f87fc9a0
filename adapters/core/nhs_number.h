#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cpis {

/// A ten-digit NHS number whose check digit has been verified (modulus 11).
///
/// Holding one is the proof: only `parse` and `from_value` can make it. There is no `operator<<`,
/// on purpose: a log line with a bare number must not compile. Wire writers use `digits()`, logs
/// use `masked()`.
class NhsNumber {
 public:
  /// Accepts ten digits, with single spaces, no-break spaces (U+00A0, UTF-8) or hyphens between
  /// digit groups and blanks around it, and nothing else. All-equal digits are refused.
  static std::optional<NhsNumber> parse(std::string_view text);

  /// The number as an integer, as the in-memory indexes and the store keep it.
  std::uint64_t value() const;
  static std::optional<NhsNumber> from_value(std::uint64_t value);

  std::string_view digits() const { return {digits_.data(), digits_.size()}; }
  std::string masked() const { return "******" + std::string{digits().substr(6)}; }

  /// True for the range that is reserved for tests (999...).
  bool is_test_number() const { return digits().substr(0, 3) == "999"; }

  friend auto operator<=>(const NhsNumber&, const NhsNumber&) = default;

 private:
  explicit NhsNumber(const std::array<char, 10>& digits) : digits_{digits} {}

  std::array<char, 10> digits_;
};

}  // namespace cpis
