#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cpis::fhir::path {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// An exact decimal number: up to 38 significant digits and the number of digits behind the point
/// as written, so that `1.50` stays `1.50`. Sums, differences and products are exact while they fit
/// into 38 digits and are rounded half up to 38 digits beyond that; quotients have 28 significant
/// digits. A plain value; nothing allocates but `text()`.
class Decimal {
 public:
  static constexpr int digits_max = 38;
  static constexpr int quotient_digits = 28;
  /// Exponents beyond this are refused when reading, so no loop depends on foreign data.
  static constexpr int exponent_max = 400;

  constexpr Decimal() = default;
  constexpr Decimal(std::int64_t integer) : digits_{integer} {}
  /// `unscaled` / 10^`scale`. Precondition: below 10^38.
  constexpr Decimal(Int128 unscaled, int scale) : digits_{unscaled}, scale_{scale} {}

  /// `-1.50`, `+2`, `1.5e3`. None for anything else, and for numbers beyond the limits.
  static std::optional<Decimal> parse(std::string_view text);
  /// The nearest decimal of 17 significant digits; none for infinities and not-a-number.
  static std::optional<Decimal> from_real(long double value);

  Int128 unscaled() const { return digits_; }
  /// Digits behind the point; negative when trailing zeros before the point are not written out.
  int scale() const { return scale_; }
  bool zero() const { return digits_ == 0; }
  bool negative() const { return digits_ < 0; }
  bool whole() const;

  Decimal negated() const { return {-digits_, scale_}; }
  Decimal absolute() const { return digits_ < 0 ? negated() : *this; }
  /// Without trailing zeros behind the point.
  Decimal reduced() const;
  /// With exactly `scale` digits behind the point, half away from zero; none when it does not fit.
  std::optional<Decimal> rounded(int scale) const;
  /// Towards zero, to `scale` digits behind the point; never adds digits.
  Decimal truncated(int scale = 0) const;
  Decimal floor() const;
  Decimal ceiling() const;

  std::optional<std::int64_t> to_integer() const;
  long double to_real() const;
  std::string text() const;

  /// None when the result is out of bounds.
  static std::optional<Decimal> add(const Decimal& a, const Decimal& b);
  static std::optional<Decimal> subtract(const Decimal& a, const Decimal& b);
  static std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
  /// None also for a division by zero.
  static std::optional<Decimal> divide(const Decimal& a, const Decimal& b);
  static std::optional<Decimal> quotient(const Decimal& a, const Decimal& b);   ///< FHIRPath div
  static std::optional<Decimal> remainder(const Decimal& a, const Decimal& b);  ///< FHIRPath mod
  static std::optional<Decimal> root(const Decimal& a);                         ///< none below zero

  /// By value: 1.0 equals 1.
  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

 private:
  Int128 digits_ = 0;
  int scale_ = 0;
};

}  // namespace cpis::fhir::path
