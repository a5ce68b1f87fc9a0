#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/path/decimal.h"

/// Units of the Unified Code for Units of Measure (UCUM 2.0.1, case sensitive codes): syntax check,
/// dimension and conversion. Pure functions over immutable tables; safe from any thread.
namespace cpis::fhir::path::ucum {

/// Nesting and length that are accepted; longer codes are refused.
inline constexpr std::size_t code_bytes_max = 256;
inline constexpr int depth_max = 16;
inline constexpr int exponent_max = 64;

/// A unit in terms of the base units: `numerator` / `denominator` times the product of the powers.
struct Unit {
  struct Power {
    std::uint16_t base = 0;  ///< opaque: a base unit or a unit that measures only against itself
    std::int16_t exponent = 0;
    friend bool operator==(const Power&, const Power&) = default;
  };
  Decimal numerator{1};
  Decimal denominator{1};
  std::vector<Power> powers;  ///< sorted by base, no zero exponents
  /// Kelvin to be added to the value times the factor: degrees Celsius, Fahrenheit, Reaumur alone.
  std::optional<Decimal> offset;

  bool same_dimension(const Unit& other) const { return powers == other.powers; }
};

/// None when the code is no UCUM expression. `1` and `{anything}` are the unity.
std::optional<Unit> parse(std::string_view code);

/// The value in the other unit, exact to 38 digits (quotients to 28); none when the dimensions
/// differ, a code is unknown or the number does not fit.
std::optional<Decimal> convert(const Decimal& value, std::string_view from, std::string_view to);

/// The value in base units, for comparing and hashing; none as for `convert`.
struct Canonical {
  Decimal value;
  std::string unit;  ///< opaque; equal for comparable quantities
};
std::optional<Canonical> canonical(const Decimal& value, std::string_view code);

/// The code of a product or quotient: `g` and `m` give `g/m`, `m` and `m` give `1` for a quotient.
std::string product(std::string_view a, std::string_view b);
std::string quotient(std::string_view a, std::string_view b);

}  // namespace cpis::fhir::path::ucum
