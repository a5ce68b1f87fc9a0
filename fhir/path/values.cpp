#include <algorithm>
#include <charconv>

#include "fhir/path/machine.h"
#include "fhir/path/text.h"
#include "fhir/path/ucum.h"

/// FHIR elements as System values. FHIR R4 2.9.1.3.
namespace cpis::fhir::path {
namespace {

constexpr std::string_view ucum_system = "http://unitsofmeasure.org";

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Temporal> moment(std::string_view text, SystemType type) {
  if (type == SystemType::date) return Temporal::parse_date(text);
  if (type == SystemType::time) return Temporal::parse_time(text);
  return Temporal::parse_date_time(text);
}

bool looks_like_quantity(const Element& element) {
  if (element.primitive() || element.resource()) return false;
  return element.first("value") != nullptr &&
         (element.first("code") != nullptr || element.first("unit") != nullptr);
}

}  // namespace

SystemType Machine::system_type_of(const Element& element) const {
  if (environment_.model == nullptr) return SystemType::none;
  const auto type = environment_.model->type_of(element);
  return type == Model::no_type ? SystemType::none : environment_.model->system_type(type);
}

Value Machine::system(const Value& value) {
  if (!value.is_element()) return value;
  const Element& element = value.element();
  if (!element.primitive()) return value;
  if (!element.has_value()) return Value{};
  const SystemType type = system_type_of(element);
  return type == SystemType::none ? untyped_value(element) : system_of(element, type);
}

// A literal that is not what its type says stays text.
Value Machine::system_of(const Element& element, SystemType type) {
  const std::string_view text = element.value();
  switch (type) {
    case SystemType::boolean:
      if (text == "true" || text == "false") return Value{text == "true"};
      break;
    case SystemType::integer:
      if (const auto whole = whole_number(text)) return Value{*whole};
      break;
    case SystemType::decimal:
      if (const auto decimal = Decimal::parse(text)) return Value{keep(*decimal)};
      break;
    case SystemType::date:
    case SystemType::date_time:
    case SystemType::time:
      if (const auto temporal = moment(text, type)) return Value{keep(*temporal)};
      break;
    case SystemType::string:
    case SystemType::quantity:
    case SystemType::none:
      break;
  }
  return Value{text};
}

Value Machine::untyped_value(const Element& element) {
  const std::string_view text = element.value();
  if (element.kind() == Kind::boolean) return Value{text == "true"};
  if (element.kind() == Kind::number) {
    if (const auto whole = whole_number(text)) return Value{*whole};
    if (const auto decimal = Decimal::parse(text)) return Value{keep(*decimal)};
  }
  Value value{text};
  value.mark_untyped();
  return value;
}

std::optional<Quantity> Machine::quantity_of_element(const Element& element) const {
  const bool quantity = environment_.model == nullptr
                            ? looks_like_quantity(element)
                            : system_type_of(element) == SystemType::quantity;
  const Element* const number = quantity ? element.first("value") : nullptr;
  // "less than 5" is no value to calculate with.
  if (number == nullptr || element.first("comparator") != nullptr) return std::nullopt;
  const auto value = Decimal::parse(number->value());
  if (!value) return std::nullopt;
  const std::string_view code = element.value_of("code");
  if (element.value_of("system") == ucum_system && !code.empty()) {
    return Quantity{*value, code, false, {}};
  }
  std::string_view unit = code.empty() ? element.value_of("unit") : code;
  if (unit.empty()) unit = "1";
  return Quantity{*value, unit, false, {}};
}

std::optional<Quantity> Machine::quantity_of(const Value& value) {
  if (value.kind() == ValueKind::quantity) return value.quantity();
  if (value.is_number()) return Quantity{value.number(), "1", false, {}};
  if (value.is_element()) return quantity_of_element(value.element());
  return std::nullopt;
}

bool Machine::singleton(Range range, Value& value, std::string_view what) {
  if (range.size() > 1) return fail("several items where " + std::string{what} + " is needed");
  value = range.empty() ? Value{} : at(range);
  return true;
}

// FHIRPath N1 4.5: one item of another kind counts as true.
bool Machine::condition(Range range, Tri& value) {
  if (range.size() > 1) return fail("several items where a condition is needed");
  value = Tri::unknown;
  if (range.empty()) return true;
  const Value single = system(at(range));
  if (single.kind() == ValueKind::none) return true;
  value = tri(single.kind() != ValueKind::boolean || single.boolean());
  return true;
}

// Without definitions a date is a string: read it as what it is compared with.
bool Machine::align_untyped(Value& a, Value& b) {
  if (b.untyped() && a.kind() == ValueKind::temporal) return align_untyped(b, a);
  if (!a.untyped() || b.kind() != ValueKind::temporal) return false;
  const bool time = b.temporal().kind == Temporal::Kind::time;
  const auto read = time ? Temporal::parse_time(a.text()) : Temporal::parse_date_time(a.text());
  if (read) a = Value{keep(*read)};
  return read.has_value();
}

Tri Machine::equal(const Value& a, const Value& b) {
  if (a.is_element() && b.is_element() && !a.element().primitive()) {
    return equal_elements(a.element(), b.element());
  }
  return equal_systems(system(a), system(b));
}

Tri Machine::equal_systems(Value a, Value b) {
  if (a.kind() == ValueKind::none || b.kind() == ValueKind::none) return Tri::unknown;
  if (a.kind() == ValueKind::string && b.kind() == ValueKind::string) {
    return tri(a.text() == b.text());
  }
  if (a.is_number() && b.is_number()) {
    const bool whole = a.kind() != ValueKind::decimal && b.kind() != ValueKind::decimal;
    return tri(whole ? a.integer() == b.integer() : a.number() == b.number());
  }
  align_untyped(a, b);
  if (a.kind() == ValueKind::temporal && b.kind() == ValueKind::temporal) {
    const bool time = a.temporal().kind == Temporal::Kind::time;
    if (time != (b.temporal().kind == Temporal::Kind::time)) return Tri::no;
    const auto order = Temporal::compare(a.temporal(), b.temporal());
    return order ? tri(*order == 0) : Tri::unknown;
  }
  if (a.kind() == ValueKind::boolean && b.kind() == ValueKind::boolean) {
    return tri(a.boolean() == b.boolean());
  }
  const bool quantities = a.kind() == ValueKind::quantity || b.kind() == ValueKind::quantity;
  if (quantities) {
    const auto left = quantity_of(a);
    const auto right = quantity_of(b);
    return left && right ? equal_quantities(*left, *right) : Tri::no;
  }
  if (a.kind() == ValueKind::type_info && b.kind() == ValueKind::type_info) {
    return tri(a.types().space == b.types().space && a.types().name == b.types().name);
  }
  return Tri::no;
}

Tri Machine::equal_elements(const Element& a, const Element& b) {
  if (&a == &b) return Tri::yes;
  if (a.primitive() != b.primitive() || a.resource_type() != b.resource_type()) return Tri::no;
  if (a.has_value() || b.has_value()) {
    const Tri same = equal_systems(system(Value{&a}), system(Value{&b}));
    if (same != Tri::yes) return same == Tri::unknown ? Tri::no : same;
  }
  const Element* left = a.first_child();
  const Element* right = b.first_child();
  for (; left != nullptr && right != nullptr; left = left->next(), right = right->next()) {
    if (left->name() != right->name()) return Tri::no;
    const Tri same = equal_elements(*left, *right);
    if (same != Tri::yes) return same;
  }
  if (left == nullptr && right == nullptr) return Tri::yes;
  const auto first = quantity_of_element(a);
  const auto second = quantity_of_element(b);
  return first && second ? equal_quantities(*first, *second) : Tri::no;
}

Tri Machine::equal_collections(Range a, Range b) {
  if (a.empty() || b.empty()) return Tri::unknown;
  if (a.size() != b.size()) return Tri::no;
  Tri result = Tri::yes;
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    const Tri same = equal(at(a, i), at(b, i));
    if (same == Tri::no) return same;
    if (same == Tri::unknown) result = same;
  }
  return result;
}

// A year or a month of the calendar has no fixed length, so it equals no UCUM unit.
Tri Machine::equal_quantities(const Quantity& a, const Quantity& b) const {
  if (a.unit == b.unit && a.calendar == b.calendar) return tri(a.value == b.value);
  const auto varies = [](const Quantity& q) {
    return q.calendar && (q.unit == "a" || q.unit == "mo");
  };
  if (varies(a) != varies(b)) return Tri::unknown;
  if (varies(a)) {
    const auto months = [](const Quantity& q) {
      return q.unit == "a" ? Decimal::multiply(q.value, Decimal{12}) : std::optional{q.value};
    };
    return tri(months(a) == months(b));
  }
  const auto converted = ucum::convert(a.value, a.unit, b.unit);
  return converted ? tri(*converted == b.value) : Tri::unknown;
}

namespace {

bool equivalent_decimals(const Decimal& a, const Decimal& b) {
  const int scale = std::min(a.reduced().scale(), b.reduced().scale());
  const auto left = a.rounded(scale);
  const auto right = b.rounded(scale);
  return left && right && *left == *right;
}

}  // namespace

bool Machine::equivalent_quantities(const Quantity& a, const Quantity& b) const {
  if (a.unit == b.unit) return equivalent_decimals(a.value, b.value);
  const auto converted = ucum::convert(b.value, b.unit, a.unit);
  return converted && equivalent_decimals(a.value, *converted);
}

bool Machine::equivalent(const Value& left, const Value& right) {
  if (left.is_element() && right.is_element() && !left.element().primitive()) {
    return equivalent_elements(left.element(), right.element());
  }
  Value a = system(left);
  Value b = system(right);
  align_untyped(a, b);
  if (a.is_number() && b.is_number()) return equivalent_decimals(a.number(), b.number());
  if (a.kind() == ValueKind::string && b.kind() == ValueKind::string) {
    return a.text() == b.text() || equivalence_form(a.text()) == equivalence_form(b.text());
  }
  if (a.kind() == ValueKind::temporal && b.kind() == ValueKind::temporal) {
    return Temporal::equivalent(a.temporal(), b.temporal());
  }
  if (a.kind() == ValueKind::quantity || b.kind() == ValueKind::quantity) {
    const auto first = quantity_of(a);
    const auto second = quantity_of(b);
    return first && second && equivalent_quantities(*first, *second);
  }
  return equal_systems(a, b) == Tri::yes;
}

// Children in any order; `id` says nothing about the value.
bool Machine::equivalent_elements(const Element& a, const Element& b) {
  if (&a == &b) return true;
  if (a.primitive() != b.primitive() || a.resource_type() != b.resource_type()) return false;
  const auto first = quantity_of_element(a);
  const auto second = quantity_of_element(b);
  if (first && second) return equivalent_quantities(*first, *second);
  if (a.has_value() != b.has_value()) return false;
  if (a.has_value() && !equivalent(Value{&a}, Value{&b})) return false;
  std::size_t left = 0;
  std::size_t right = 0;
  for (const Element& child : a.children()) left += child.name() == "id" ? 0U : 1U;
  for (const Element& child : b.children()) right += child.name() == "id" ? 0U : 1U;
  if (left != right) return false;
  for (const Element& child : a.children()) {
    if (child.name() == "id") continue;
    if (++steps_ > environment_.limits.steps_max) return false;
    bool found = false;
    for (const Element& other : b.children(child.name())) {
      found = found || equivalent_elements(child, other);
    }
    if (!found) return false;
  }
  return true;
}

bool Machine::equivalent_collections(Range a, Range b) {
  if (a.size() != b.size()) return false;
  std::vector<bool> used(b.size(), false);
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    std::uint32_t match = 0;
    while (match < b.size() && (used[match] || !equivalent(at(a, i), at(b, match)))) ++match;
    if (match == b.size()) return false;
    used[match] = true;
  }
  return true;
}

bool Machine::compare(const Value& left, const Value& right, Order& order) {
  Value a = system(left);
  Value b = system(right);
  order = std::nullopt;
  if (a.kind() == ValueKind::none || b.kind() == ValueKind::none) return true;
  align_untyped(a, b);
  if (a.is_number() && b.is_number()) {
    order = a.number() <=> b.number();
    return true;
  }
  if (a.kind() == ValueKind::string && b.kind() == ValueKind::string) {
    order = a.text() <=> b.text();
    return true;
  }
  if (a.kind() == ValueKind::temporal && b.kind() == ValueKind::temporal) {
    const bool time = a.temporal().kind == Temporal::Kind::time;
    if (time == (b.temporal().kind == Temporal::Kind::time)) {
      order = Temporal::compare(a.temporal(), b.temporal());
      return true;
    }
  }
  const auto first = quantity_of(a);
  const auto second = quantity_of(b);
  if (!first || !second) {
    const bool quantity =
        a.is_element() && b.is_element() && system_type_of(a.element()) == SystemType::quantity;
    return quantity || fail("values of these types have no order");
  }
  const auto converted = ucum::convert(first->value, first->unit, second->unit);
  if (converted) order = *converted <=> second->value;
  return true;
}

}  // namespace cpis::fhir::path
