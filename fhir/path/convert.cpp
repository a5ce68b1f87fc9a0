#include <algorithm>
#include <array>
#include <charconv>

#include "fhir/path/machine.h"
#include "fhir/path/text.h"
#include "fhir/path/ucum.h"

/// FHIRPath N1 5.5: conversions.
namespace cpis::fhir::path {
namespace {

constexpr std::array<std::string_view, 6> words_for_true{"true", "t", "yes", "y", "1", "1.0"};
constexpr std::array<std::string_view, 6> words_for_false{"false", "f", "no", "n", "0", "0.0"};

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// toX() and convertsToX() stand in pairs; this gives toX().
Function target_of(Function function) {
  const auto offset = static_cast<unsigned>(function) - static_cast<unsigned>(Function::to_boolean);
  return static_cast<Function>(static_cast<unsigned>(function) - offset % 2);
}

}  // namespace

bool Machine::conversion(Function function, Range focus, std::span<const Range> arguments) {
  Value single;
  if (!singleton(focus, single, "one item")) return false;
  if (focus.empty()) return true;
  const Function target = target_of(function);
  auto result = converted(target, single);
  if (result && target == Function::to_quantity && !arguments.empty()) {
    Value unit;
    if (!singleton(arguments[0], unit, "a unit")) return false;
    unit = system(unit);
    if (unit.kind() != ValueKind::string) return true;
    const Quantity& quantity = result->quantity();
    const auto value = ucum::convert(quantity.value, quantity.unit, unit.text());
    result =
        value ? std::optional{Value{keep(Quantity{*value, unit.text(), false, {}})}} : std::nullopt;
  }
  if (target != function) return push(Value{result.has_value()});
  return !result || push(*result);
}

std::optional<Value> Machine::converted(Function target, const Value& single) {
  const Value value = system(single);
  switch (target) {
    case Function::to_boolean:
      return to_boolean(value);
    case Function::to_integer:
      return to_whole(value, false);
    case Function::to_long:
      return to_whole(value, true);
    case Function::to_decimal:
      return to_decimal(value);
    case Function::to_date:
      return to_temporal(value, Temporal::Kind::date);
    case Function::to_date_time:
      return to_temporal(value, Temporal::Kind::date_time);
    case Function::to_time:
      return to_temporal(value, Temporal::Kind::time);
    case Function::to_quantity:
      return to_quantity(value);
    default:
      break;
  }
  if (value.kind() == ValueKind::string) return Value{value.text()};
  if (value.is_element()) {
    const auto quantity = quantity_of(value);
    if (!quantity) return std::nullopt;
    return Value{arena_.copy(to_text(Value{&*quantity}))};
  }
  if (value.kind() == ValueKind::none || value.kind() == ValueKind::type_info) return std::nullopt;
  return Value{arena_.copy(single.is_element() ? single.element().value() : to_text(value))};
}

std::optional<Value> Machine::to_boolean(const Value& value) {
  if (value.kind() == ValueKind::boolean) return value;
  if (value.is_number()) {
    if (value.number() == Decimal{1}) return Value{true};
    if (value.number().zero()) return Value{false};
  }
  if (value.kind() != ValueKind::string) return std::nullopt;
  const std::string word = lower(value.text());
  if (is_one_of(words_for_true, word)) return Value{true};
  if (is_one_of(words_for_false, word)) return Value{false};
  return std::nullopt;
}

std::optional<Value> Machine::to_whole(const Value& value, bool long_integer) {
  std::optional<std::int64_t> whole;
  if (value.kind() == ValueKind::integer || value.kind() == ValueKind::long_) {
    whole = value.integer();
  } else if (value.kind() == ValueKind::boolean) {
    whole = value.boolean() ? 1 : 0;
  } else if (value.kind() == ValueKind::string) {
    const std::string_view text = value.text();
    const bool digits = !text.empty() && text.find_first_not_of("+-0123456789") == text.npos;
    const auto read = digits ? Decimal::parse(text) : std::nullopt;
    if (read) whole = read->to_integer();
  }
  if (!whole) return std::nullopt;
  constexpr std::int64_t integer_max = 2147483647;
  const bool fits = *whole <= integer_max && *whole >= -integer_max - 1;
  if (!long_integer && !fits && value.kind() != ValueKind::integer) return std::nullopt;
  return long_integer ? Value::long_integer(*whole) : Value{*whole};
}

std::optional<Value> Machine::to_decimal(const Value& value) {
  if (value.kind() == ValueKind::decimal) return value;
  if (value.is_number()) return Value{keep(value.number())};
  if (value.kind() == ValueKind::boolean) return Value{keep(Decimal{value.boolean() ? 1 : 0})};
  if (value.kind() != ValueKind::string) return std::nullopt;
  if (value.text().find_first_of("eE") != std::string_view::npos) return std::nullopt;
  const auto read = Decimal::parse(value.text());
  if (!read) return std::nullopt;
  return Value{keep(*read)};
}

std::optional<Value> Machine::to_temporal(const Value& value, Temporal::Kind kind) {
  std::optional<Temporal> result;
  if (value.kind() == ValueKind::temporal) {
    result = value.temporal();
    if (result->kind == kind) return value;
    if (kind == Temporal::Kind::time || result->kind == Temporal::Kind::time) return std::nullopt;
    result->kind = kind;
    if (kind == Temporal::Kind::date) {
      result->precision = std::min(result->precision, Precision::day);
      result->has_offset = false;
    }
  } else if (value.kind() == ValueKind::string) {
    std::string_view text = value.text();
    if (kind == Temporal::Kind::time) {
      if (!text.empty() && text.front() == 'T') text.remove_prefix(1);
      result = Temporal::parse_time(text);
    } else if (kind == Temporal::Kind::date) {
      result = Temporal::parse_date(text);
    } else {
      result = Temporal::parse_date_time(text);
    }
  }
  if (!result) return std::nullopt;
  return Value{keep(*result)};
}

std::optional<Value> Machine::to_quantity(const Value& value) {
  if (value.kind() == ValueKind::boolean) {
    return Value{keep(Quantity{Decimal{value.boolean() ? 1 : 0}, "1", false, {}})};
  }
  if (const auto quantity = quantity_of(value)) return Value{keep(*quantity)};
  if (value.kind() == ValueKind::string) return parse_quantity(value.text());
  return std::nullopt;
}

// FHIRPath N1 5.5.6: a number, then a unit in quotes or a calendar word; blanks only between them.
std::optional<Value> Machine::parse_quantity(std::string_view text) {
  std::size_t end = text.find_first_not_of("+-.0123456789");
  if (end == std::string_view::npos) end = text.size();
  const auto value = Decimal::parse(text.substr(0, end));
  if (!value) return std::nullopt;
  std::string_view unit = text.substr(end);
  unit.remove_prefix(std::min(unit.find_first_not_of(" \t\r\n"), unit.size()));
  if (unit.empty()) return Value{keep(Quantity{*value, "1", false, {}})};
  if (unit.size() > 2 && unit.front() == '\'' && unit.back() == '\'') {
    const auto code = unit.substr(1, unit.size() - 2);
    if (code.find('\'') != std::string_view::npos) return std::nullopt;
    return Value{keep(Quantity{*value, arena_.copy(code), false, {}})};
  }
  const auto calendar = time_unit_of_keyword(unit);
  if (!calendar || end == text.size()) return std::nullopt;
  return Value{keep(Quantity{*value, ucum_of(*calendar), true, arena_.copy(unit)})};
}

std::string to_text(const Value& value) {
  switch (value.kind()) {
    case ValueKind::none:
      return {};
    case ValueKind::element:
      return std::string{value.element().value()};
    case ValueKind::boolean:
      return value.boolean() ? "true" : "false";
    case ValueKind::integer:
    case ValueKind::long_:
      return std::to_string(value.integer());
    case ValueKind::decimal:
      return value.number().text();
    case ValueKind::string:
    case ValueKind::reference:
      return std::string{value.text()};
    case ValueKind::temporal:
      return value.temporal().text();
    case ValueKind::quantity: {
      const Quantity& quantity = value.quantity();
      const std::string number = quantity.value.text();
      if (quantity.calendar) return number + ' ' + std::string{quantity.written};
      return number + " '" + std::string{quantity.unit} + '\'';
    }
    case ValueKind::type_info:
      return std::string{value.types().space} + '.' + std::string{value.types().name};
  }
  return {};
}

}  // namespace cpis::fhir::path
