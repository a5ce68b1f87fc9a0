#include <algorithm>

#include "fhir/path/machine.h"
#include "fhir/path/ucum.h"

/// FHIR R4B/R5 2.1.9.1.5.5 and FHIRPath drafts after N1: boundaries, precision, parts of dates.
namespace cpis::fhir::path {
namespace {

constexpr std::int64_t digits_default = 8;
constexpr int digits_max = 31;
constexpr std::int64_t date_digits = 8;
constexpr std::int64_t date_time_digits = 17;
constexpr std::int64_t time_digits = 9;

// The value stands for all numbers that round to it: half a unit of its last digit either way. Cut
// to fewer digits, the bound towards zero is truncated, the other one rounded.
std::optional<Decimal> decimal_boundary(const Decimal& value, bool high, int digits) {
  const int scale = value.scale() < 0 ? 0 : value.scale();
  const Decimal half{Int128{5}, scale + 1};
  const auto edge = high ? Decimal::add(value, half) : Decimal::subtract(value, half);
  if (!edge) return std::nullopt;
  const bool outwards = high != edge->negative();
  if (digits >= edge->scale() || outwards) return edge->rounded(digits);
  return edge->truncated(digits);
}

}  // namespace

bool Machine::boundary_function(Function function, Range focus, std::span<const Range> arguments) {
  Value value;
  if (!singleton(focus, value, "one item")) return false;
  if (value.kind() == ValueKind::none) return true;
  value = system(value);
  if (value.kind() == ValueKind::none) return true;
  if (function == Function::comparable) return comparable(value, arguments[0]);
  if (function == Function::precision) return precision_of(value);
  if (function == Function::low_boundary || function == Function::high_boundary) {
    std::optional<std::int64_t> digits;
    if (!arguments.empty()) {
      Value argument;
      if (!singleton(arguments[0], argument, "a precision")) return false;
      argument = system(argument);
      if (argument.kind() == ValueKind::integer) digits = argument.integer();
    }
    return boundary(function, value, digits);
  }
  if (value.kind() != ValueKind::temporal) return fail("this function takes a date or a time");
  return moment_part(function, value.temporal());
}

bool Machine::boundary(Function function, const Value& value, std::optional<std::int64_t> digits) {
  const bool high = function == Function::high_boundary;
  if (value.kind() == ValueKind::temporal) {
    const Temporal& moment = value.temporal();
    const std::int64_t all =
        moment.kind == Temporal::Kind::date
            ? date_digits
            : (moment.kind == Temporal::Kind::time ? time_digits : date_time_digits);
    const std::int64_t wanted = digits.value_or(all);
    if (wanted < 0 || wanted > all) return true;
    const int count = static_cast<int>(wanted);
    const auto result = high ? moment.high_boundary(count) : moment.low_boundary(count);
    return !result || push_temporal(*result);
  }
  const auto quantity = quantity_of(value);
  if (!quantity) return fail("this function takes a number, a date or a time");
  const std::int64_t wanted = digits.value_or(digits_default);
  if (wanted < 0 || wanted > digits_max) return true;
  const auto edge = decimal_boundary(quantity->value, high, static_cast<int>(wanted));
  if (!edge) return true;
  if (value.is_number()) return push_decimal(edge);
  Quantity result = *quantity;
  result.value = *edge;
  return push_quantity(result);
}

bool Machine::precision_of(const Value& value) {
  if (value.kind() == ValueKind::temporal) {
    return push(Value{std::int64_t{value.temporal().digit_precision()}});
  }
  if (!value.is_number()) return fail("this function takes a number, a date or a time");
  return push(Value{std::int64_t{std::max(value.number().scale(), 0)}});
}

bool Machine::comparable(const Value& a, Range other) {
  Value b;
  if (!singleton(other, b, "a quantity")) return false;
  if (b.kind() == ValueKind::none) return true;
  const auto left = quantity_of(a);
  const auto right = quantity_of(system(b));
  if (!left || !right) return fail("this function takes quantities");
  const auto unit = ucum::parse(left->unit);
  const auto other_unit = ucum::parse(right->unit);
  const bool same =
      left->unit == right->unit || (unit && other_unit && unit->same_dimension(*other_unit));
  return push(Value{same});
}

bool Machine::moment_part(Function function, const Temporal& moment) {
  const auto number = [&](Precision level, int value) {
    const bool date_part = level <= Precision::day;
    const bool missing =
        moment.precision < level || (date_part && moment.kind == Temporal::Kind::time);
    return missing || push(Value{std::int64_t{value}});
  };
  constexpr std::uint32_t nanoseconds_per_millisecond = 1'000'000;
  switch (function) {
    case Function::year_of:
      return number(Precision::year, moment.year);
    case Function::month_of:
      return number(Precision::month, moment.month);
    case Function::day_of:
      return number(Precision::day, moment.day);
    case Function::hour_of:
      return number(Precision::hour, moment.hour);
    case Function::minute_of:
      return number(Precision::minute, moment.minute);
    case Function::second_of:
      return number(Precision::second, moment.second);
    case Function::millisecond_of:
      return moment.fraction_digits == 0 ||
             push(Value{std::int64_t{moment.nanoseconds / nanoseconds_per_millisecond}});
    case Function::offset_of:
      return !moment.has_offset ||
             push_decimal(Decimal::divide(Decimal{moment.offset_minutes}, Decimal{60}));
    default:
      break;
  }
  Temporal part = moment;
  part.has_offset = false;
  if (function == Function::date_of) {
    if (moment.kind == Temporal::Kind::time) return true;
    part.kind = Temporal::Kind::date;
    part.precision = std::min(part.precision, Precision::day);
  } else {
    if (moment.precision < Precision::hour) return true;
    part.kind = Temporal::Kind::time;
  }
  return push_temporal(part);
}

}  // namespace cpis::fhir::path
