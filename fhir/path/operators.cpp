#include "fhir/path/machine.h"
#include "fhir/path/ucum.h"

/// FHIRPath N1, section 6: operators.
namespace cpis::fhir::path {
namespace {

bool holds(Op op, std::strong_ordering order) {
  switch (op) {
    case Op::less:
      return order < 0;
    case Op::less_equal:
      return order <= 0;
    case Op::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

}  // namespace

bool Machine::negate(Range operand, bool negative) {
  Value single;
  if (!singleton(operand, single, "a number")) return false;
  const Value value = system(single);
  const auto quantity = quantity_of(value);
  if (value.kind() != ValueKind::none && !quantity) return fail("only numbers have a sign");
  drop(operand.begin);
  if (value.kind() == ValueKind::none) return true;
  if (!value.is_number()) {
    Quantity result = *quantity;
    if (negative) result.value = result.value.negated();
    return push_quantity(result);
  }
  if (!negative) return push(value);
  if (value.kind() == ValueKind::decimal) return push_decimal(value.number().negated());
  std::int64_t result = 0;
  if (__builtin_sub_overflow(std::int64_t{0}, value.integer(), &result)) return true;
  return push(value.kind() == ValueKind::long_ ? Value::long_integer(result) : Value{result});
}

bool Machine::arithmetic(Op op, Range left, Range right) {
  Value first;
  Value second;
  if (!singleton(left, first, "one operand") || !singleton(right, second, "one operand"))
    return false;
  const Value a = system(first);
  const Value b = system(second);
  if (a.kind() == ValueKind::none || b.kind() == ValueKind::none) return true;
  if (a.is_number() && b.is_number()) return number_operation(op, a, b);
  const bool sum = op == Op::add || op == Op::subtract;
  if (sum && (a.kind() == ValueKind::string || a.kind() == ValueKind::temporal)) {
    return add_or_subtract(op, a, b);
  }
  const auto x = quantity_of(a);
  const auto y = quantity_of(b);
  if (!x || !y) return fail("this operator does not take values of these types");
  return quantity_operation(op, *x, *y);
}

bool Machine::add_or_subtract(Op op, const Value& a, const Value& b) {
  const auto by = quantity_of(b);
  std::optional<Temporal> moment;
  if (a.kind() == ValueKind::temporal) moment = a.temporal();
  if (a.untyped() && by) moment = Temporal::parse_date_time(a.text());
  if (moment && by && !b.is_number()) return shift_temporal(*moment, *by, op == Op::add);
  if (op == Op::add && a.kind() == ValueKind::string && b.kind() == ValueKind::string) {
    return push_text(std::string{a.text()} + std::string{b.text()});
  }
  return fail("this operator does not take values of these types");
}

bool Machine::shift_temporal(const Temporal& moment, const Quantity& by, bool forward) {
  auto unit = by.calendar ? time_unit_of_keyword(by.written) : time_unit_of_ucum(by.unit);
  // Unit texts that are calendar words are taken as such: 1 'month'.
  if (!unit) unit = time_unit_of_keyword(by.unit);
  if (!unit) return fail("only durations of the calendar can be added to a date");
  std::optional<Decimal> amount = by.value;
  // Whole units, but seconds keep their fraction to the millisecond.
  if (*unit == TimeUnit::second) {
    amount = Decimal::multiply(by.value, Decimal{1000});
    unit = TimeUnit::millisecond;
  }
  const auto whole = amount ? amount->truncated().to_integer() : std::nullopt;
  if (!whole) return true;
  const auto result = moment.plus(forward ? *whole : -*whole, *unit);
  return !result || push_temporal(*result);
}

bool Machine::number_operation(Op op, const Value& a, const Value& b) {
  const bool whole = a.kind() != ValueKind::decimal && b.kind() != ValueKind::decimal;
  const bool wide = a.kind() == ValueKind::long_ || b.kind() == ValueKind::long_;
  std::optional<Decimal> result;
  switch (op) {
    case Op::add:
      result = Decimal::add(a.number(), b.number());
      break;
    case Op::subtract:
      result = Decimal::subtract(a.number(), b.number());
      break;
    case Op::multiply:
      result = Decimal::multiply(a.number(), b.number());
      break;
    case Op::div:
      result = Decimal::quotient(a.number(), b.number());
      break;
    case Op::mod:
      result = Decimal::remainder(a.number(), b.number());
      break;
    default:
      return push_decimal(Decimal::divide(a.number(), b.number()));
  }
  if (!whole && op != Op::div) return push_decimal(result);
  // Beyond the range of its type a result is empty, FHIRPath N1 6.6.
  const auto integer = result ? result->to_integer() : std::nullopt;
  if (!integer) return true;
  return push(wide ? Value::long_integer(*integer) : Value{*integer});
}

bool Machine::quantity_operation(Op op, const Quantity& a, const Quantity& b) {
  std::optional<Decimal> value;
  std::string unit{a.unit};
  switch (op) {
    case Op::add:
    case Op::subtract: {
      // The result has the finer one of both units, N1 6.6.1.
      const auto ratio = ucum::convert(Decimal{1}, a.unit, b.unit);
      const Quantity& finer = ratio && *ratio > Decimal{1} ? b : a;
      const auto left = ucum::convert(a.value, a.unit, finer.unit);
      const auto right = ucum::convert(b.value, b.unit, finer.unit);
      if (!left || !right) return true;
      value = op == Op::add ? Decimal::add(*left, *right) : Decimal::subtract(*left, *right);
      if (!value) return true;
      return push_quantity({*value, finer.unit, a.calendar && b.calendar, finer.written});
    }
    case Op::multiply:
      value = Decimal::multiply(a.value, b.value);
      unit = ucum::product(a.unit, b.unit);
      break;
    case Op::divide:
      value = Decimal::divide(a.value, b.value);
      unit = ucum::quotient(a.unit, b.unit);
      break;
    default:
      return fail("div and mod do not take quantities");
  }
  if (!value || unit.size() > ucum::code_bytes_max) return true;
  return push_quantity({*value, arena_.copy(unit), false, {}});
}

bool Machine::concatenate(Range left, Range right) {
  Value first;
  Value second;
  if (!singleton(left, first, "a string") || !singleton(right, second, "a string")) return false;
  std::string text;
  for (const Value& value : {system(first), system(second)}) {
    if (value.kind() == ValueKind::none) continue;
    if (value.kind() != ValueKind::string && !first.is_element() && !second.is_element()) {
      return fail("& takes strings");
    }
    text += to_text(value);
  }
  return push_text(text);
}

bool Machine::comparison(Op op, Range left, Range right) {
  Value a;
  Value b;
  if (!singleton(left, a, "one operand") || !singleton(right, b, "one operand")) return false;
  if (left.empty() || right.empty()) return true;
  Order order;
  if (!compare(a, b, order)) return false;
  return !order || push(Value{holds(op, *order)});
}

// The right operand of `and`, `or` and `implies` is left alone when the left one decides.
bool Machine::logic(const Node& node, const Frame& frame, std::uint32_t base) {
  Tri a = Tri::unknown;
  Tri b = Tri::unknown;
  Range operand;
  if (!eval_operand(node.first, frame, operand) || !condition(operand, a)) return false;
  drop(base);
  if (node.op == Op::and_ && a == Tri::no) return push(Value{false});
  if (node.op == Op::or_ && a == Tri::yes) return push(Value{true});
  if (node.op == Op::implies && a == Tri::no) return push(Value{true});
  if (!eval_operand(node.second, frame, operand) || !condition(operand, b)) return false;
  drop(base);
  const bool known = a != Tri::unknown && b != Tri::unknown;
  switch (node.op) {
    case Op::and_:
      if (b == Tri::no) return push(Value{false});
      return push_tri(known ? Tri::yes : Tri::unknown);
    case Op::or_:
      if (b == Tri::yes) return push(Value{true});
      return push_tri(known ? Tri::no : Tri::unknown);
    case Op::xor_:
      return push_tri(known ? tri(a != b) : Tri::unknown);
    default:
      if (b == Tri::yes) return push(Value{true});
      return push_tri(known ? Tri::no : Tri::unknown);
  }
}

bool Machine::membership(Range item, Range in) {
  Value value;
  if (!singleton(item, value, "one item")) return false;
  if (item.empty()) return true;
  return push(Value{contains(in, value)});
}

}  // namespace cpis::fhir::path
