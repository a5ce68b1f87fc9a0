#include <cmath>

#include "fhir/path/machine.h"

/// FHIRPath N1 5.7: mathematics.
namespace cpis::fhir::path {
namespace {

constexpr int round_digits_max = Decimal::quotient_digits;
constexpr std::int64_t exact_power_max = 512;

}  // namespace

bool Machine::math_function(Function function, Range focus, std::span<const Range> arguments) {
  Value value;
  if (!singleton(focus, value, "a number")) return false;
  value = system(value);
  if (value.kind() == ValueKind::none) return true;
  if (function == Function::round_) return round_to(value, arguments);
  const auto quantity = quantity_of(value);
  if (!quantity) return fail("this function takes a number");
  if (function == Function::abs_ || function == Function::ceiling || function == Function::floor_ ||
      function == Function::truncate) {
    return round_like(function, value);
  }
  if (!value.is_number()) return fail("this function takes a number");
  std::optional<Decimal> other;
  if (!arguments.empty()) {
    Value argument;
    if (!singleton(arguments[0], argument, "a number")) return false;
    argument = system(argument);
    if (argument.kind() == ValueKind::none) return true;
    if (!argument.is_number()) return fail("this function takes numbers");
    other = argument.number();
    const bool whole = value.kind() == ValueKind::integer && argument.kind() == ValueKind::integer;
    if (function == Function::power) {
      const std::uint32_t base = top();
      if (!power(value.number(), *other)) return false;
      // Two integers give an integer where the result is one.
      if (whole && top() > base && stack_[base].number().whole()) {
        const auto integer = stack_[base].number().to_integer();
        if (integer) stack_[base] = Value{*integer};
      }
      return true;
    }
  }
  return real_function(function, value.number(), other);
}

bool Machine::round_like(Function function, const Value& value) {
  if (value.kind() == ValueKind::integer || value.kind() == ValueKind::long_) {
    if (function != Function::abs_ || value.integer() >= 0) return push(value);
    return negate_whole(value);
  }
  const auto quantity = quantity_of(value);
  const Decimal number = quantity->value;
  Decimal result;
  switch (function) {
    case Function::abs_:
      result = number.absolute();
      break;
    case Function::ceiling:
      result = number.ceiling();
      break;
    case Function::floor_:
      result = number.floor();
      break;
    default:
      result = number.truncated();
      break;
  }
  if (!value.is_number()) {
    Quantity changed = *quantity;
    changed.value = result;
    return push_quantity(changed);
  }
  if (function == Function::abs_) return push_decimal(result);
  const auto whole = result.to_integer();
  return whole ? push(Value{*whole}) : push_decimal(result);
}

bool Machine::negate_whole(const Value& value) {
  std::int64_t result = 0;
  if (__builtin_sub_overflow(std::int64_t{0}, value.integer(), &result)) return true;
  return push(value.kind() == ValueKind::long_ ? Value::long_integer(result) : Value{result});
}

bool Machine::round_to(const Value& value, std::span<const Range> arguments) {
  std::int64_t digits = 0;
  if (!arguments.empty()) {
    Value argument;
    if (!singleton(arguments[0], argument, "a number of digits")) return false;
    argument = system(argument);
    if (argument.kind() == ValueKind::integer) digits = argument.integer();
  }
  if (digits < 0) return fail("digits cannot be negative");
  if (value.kind() == ValueKind::integer || value.kind() == ValueKind::long_) return push(value);
  const auto quantity = quantity_of(value);
  if (!quantity) return fail("this function takes a number");
  const bool longer = digits > round_digits_max || digits > quantity->value.scale();
  const auto rounded =
      longer ? std::optional{quantity->value} : quantity->value.rounded(static_cast<int>(digits));
  if (!rounded) return true;
  if (value.is_number()) return push_decimal(rounded);
  Quantity changed = *quantity;
  changed.value = *rounded;
  return push_quantity(changed);
}

bool Machine::real_function(Function function, const Decimal& value,
                            const std::optional<Decimal>& other) {
  const long double real = value.to_real();
  switch (function) {
    case Function::exp_:
      return push_decimal(Decimal::from_real(std::exp(real)));
    case Function::sqrt_:
      return push_decimal(Decimal::root(value));
    case Function::ln:
      if (value.negative() || value.zero()) return true;
      return push_decimal(Decimal::from_real(std::log(real)));
    default:
      break;
  }
  const bool defined = !value.negative() && !value.zero() && other && !other->negative() &&
                       !other->zero() && *other != Decimal{1};
  if (!defined) return true;
  return push_decimal(Decimal::from_real(std::log(real) / std::log(other->to_real())));
}

// Exact for whole exponents as long as the digits reach.
bool Machine::power(const Decimal& base, const Decimal& exponent) {
  const auto whole = exponent.whole() ? exponent.to_integer() : std::nullopt;
  if (whole && *whole >= 0 && *whole <= exact_power_max) {
    std::optional<Decimal> result = Decimal{1};
    for (std::int64_t i = 0; i < *whole && result; ++i) result = Decimal::multiply(*result, base);
    return push_decimal(result);
  }
  if (base.negative() && !whole) return true;
  return push_decimal(Decimal::from_real(std::pow(base.to_real(), exponent.to_real())));
}

}  // namespace cpis::fhir::path
