#include <algorithm>
#include <functional>

#include "fhir/path/machine.h"

/// FHIRPath N1: 5.1 existence, 5.3 subsetting, 5.4 combining, 5.8 tree navigation, 5.9 utility.
namespace cpis::fhir::path {
namespace {

constexpr std::uint32_t hash_from_items = 12;

std::size_t mix(std::size_t seed, std::size_t value) {
  constexpr std::size_t golden = 0x9E3779B97F4A7C15U;
  return seed ^ (value + golden + (seed << 6U) + (seed >> 2U));
}

std::size_t hash_text(std::string_view text) { return std::hash<std::string_view>{}(text); }

}  // namespace

// Equal values have equal hashes; what has several spellings is hashed coarsely.
std::size_t Machine::hash(const Value& value) {
  if (value.is_element() && !value.element().primitive()) return hash_element(value.element());
  const Value plain = system(value);
  switch (plain.kind()) {
    case ValueKind::boolean:
      return plain.boolean() ? 1 : 2;
    case ValueKind::integer:
    case ValueKind::long_:
    case ValueKind::decimal: {
      const Decimal number = plain.number().reduced();
      return static_cast<std::size_t>(number.truncated().unscaled());
    }
    case ValueKind::string:
      return hash_text(plain.text());
    default:
      return static_cast<std::size_t>(plain.kind());
  }
}

std::size_t Machine::hash_element(const Element& element) const {
  if (element.first("value") != nullptr) return hash_text(element.resource_type());
  std::size_t seed = hash_text(element.resource_type());
  for (const Element& child : element.children()) {
    seed = mix(seed, hash_text(child.name()));
    if (child.kind() == Kind::string && system_type_of(child) == SystemType::string) {
      seed = mix(seed, hash_text(child.value()));
    }
  }
  return seed;
}

bool Machine::contains(Range range, const Value& value) {
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (equal(Value{stack_[i]}, value) == Tri::yes) return true;
  }
  return false;
}

bool Machine::push_distinct(Range range) {
  const std::uint32_t base = top();
  if (range.size() <= hash_from_items) {
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      const Value value = stack_[i];
      if (!contains(since(base), value) && !push(value)) return false;
    }
    return true;
  }
  std::size_t capacity = 1;
  while (capacity < std::size_t{range.size()} * 2) capacity *= 2;
  constexpr std::uint32_t vacant = 0xFFFFFFFFU;
  slots_.assign(capacity, vacant);
  hashes_.clear();
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    const Value value = stack_[i];
    const std::size_t code = hash(value);
    std::size_t slot = mix(0, code) & (capacity - 1);
    bool known = false;
    for (; slots_[slot] != vacant && !known; slot = (slot + 1) & (capacity - 1)) {
      const std::uint32_t other = slots_[slot];
      known = hashes_[other] == code && equal(Value{stack_[base + other]}, value) == Tri::yes;
    }
    steps_ += 1;
    if (known) continue;
    slots_[slot] = top() - base;
    hashes_.push_back(code);
    if (!push(value)) return false;
  }
  return true;
}

bool Machine::boolean_aggregate(Range focus, bool wanted, bool any) {
  bool found = !any;
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const Value value = system(Value{stack_[i]});
    if (value.kind() == ValueKind::none) continue;
    if (value.kind() != ValueKind::boolean) {
      if (!wanted) return fail("only booleans can be counted as true or false");
      found = any ? found : false;
      continue;
    }
    if (any && value.boolean() == wanted) found = true;
    if (!any && value.boolean() != wanted) found = false;
  }
  return push(Value{found});
}

bool Machine::subset(Range small, Range large) {
  for (std::uint32_t i = 0; i < small.size(); ++i) {
    if (!contains(large, at(small, i))) return push(Value{false});
  }
  return push(Value{true});
}

bool Machine::take_part(Function function, Range focus, Range count) {
  Value value;
  if (!singleton(count, value, "a whole number")) return false;
  value = system(value);
  if (value.kind() == ValueKind::none) return true;
  if (value.kind() != ValueKind::integer) return fail("a whole number is needed");
  const auto amount = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(value.integer(), 0, std::int64_t{focus.size()}));
  const std::uint32_t middle = focus.begin + amount;
  return push_all(function == Function::skip ? Range{middle, focus.end}
                                             : Range{focus.begin, middle});
}

bool Machine::push_children(const Value& value) {
  if (!value.is_element()) return true;
  const ElementRange children = value.element().children();
  return std::ranges::all_of(children,
                             [this](const Element& child) { return push(Value{&child}); });
}

bool Machine::descend(const Element& element) {
  for (const Element& child : element.children()) {
    if (!push(Value{&child}) || !descend(child)) return false;
  }
  return true;
}

bool Machine::push_clock(Function function) {
  if (!environment_.now) return fail("there is no clock here");
  Temporal moment = *environment_.now;
  if (function == Function::today) {
    moment.kind = Temporal::Kind::date;
    moment.precision = Precision::day;
    moment.has_offset = false;
  } else if (function == Function::time_of_day) {
    moment.kind = Temporal::Kind::time;
    moment.has_offset = false;
  }
  return push_temporal(moment);
}

// sum, min, max, avg: drafts after N1; numbers and quantities by the operators' own rules.
bool Machine::numeric_aggregate(Function function, Range focus) {
  if (focus.empty()) return function != Function::sum || push(Value{std::int64_t{0}});
  const std::uint32_t base = top();
  if (!push(at(focus))) return false;
  for (std::uint32_t i = 1; i < focus.size(); ++i) {
    if (!push(at(focus, i))) return false;
    const Range best{base, base + 1};
    const Range next{base + 1, base + 2};
    if (function == Function::sum || function == Function::avg) {
      if (!arithmetic(Op::add, best, next)) return false;
      collapse(base, base + 2);
      if (top() == base) return true;
      continue;
    }
    Order order;
    if (!compare(at(best), at(next), order)) return false;
    if (!order) {
      drop(base);
      return true;
    }
    const bool replace = function == Function::min ? *order > 0 : *order < 0;
    if (replace) stack_[base] = stack_[base + 1];
    drop(base + 1);
  }
  if (function != Function::avg) return true;
  if (!push(Value{std::int64_t{focus.size()}})) return false;
  if (!arithmetic(Op::divide, {base, base + 1}, {base + 1, base + 2})) return false;
  collapse(base, base + 2);
  return true;
}

bool Machine::collection_function(Function function, Range focus,
                                  std::span<const Range> arguments) {
  switch (function) {
    case Function::empty_:
      return push(Value{focus.empty()});
    case Function::not_: {
      Tri value = Tri::unknown;
      if (!condition(focus, value)) return false;
      return push_tri(value == Tri::unknown ? value : tri(value == Tri::no));
    }
    case Function::all_true:
      return boolean_aggregate(focus, true, false);
    case Function::any_true:
      return boolean_aggregate(focus, true, true);
    case Function::all_false:
      return boolean_aggregate(focus, false, false);
    case Function::any_false:
      return boolean_aggregate(focus, false, true);
    case Function::subset_of:
      return subset(focus, arguments[0]);
    case Function::superset_of:
      return subset(arguments[0], focus);
    case Function::count:
      return push(Value{std::int64_t{focus.size()}});
    case Function::distinct:
      return push_distinct(focus);
    case Function::is_distinct: {
      const std::uint32_t base = top();
      if (!push_distinct(focus)) return false;
      const bool same = top() - base == focus.size();
      drop(base);
      return push(Value{same});
    }
    case Function::single:
      if (focus.size() > 1) return fail("single() of several items");
      return push_all(focus);
    case Function::first:
      return focus.empty() || push(at(focus));
    case Function::last:
      return focus.empty() || push(at(focus, focus.size() - 1));
    case Function::tail:
      return focus.empty() || push_all({focus.begin + 1, focus.end});
    case Function::skip:
    case Function::take:
      return take_part(function, focus, arguments[0]);
    case Function::intersect:
    case Function::exclude:
      return filter_by(function, focus, arguments[0]);
    case Function::union_: {
      const std::uint32_t base = top();
      if (!push_all(focus) || !push_all(arguments[0])) return false;
      const std::uint32_t from = top();
      if (!push_distinct({base, from})) return false;
      collapse(base, from);
      return true;
    }
    case Function::combine:
      return combine(focus, arguments);
    case Function::children:
      for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
        if (!push_children(stack_[i])) return false;
      }
      return true;
    case Function::descendants:
      for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
        const Value value = stack_[i];
        if (value.is_element() && !descend(value.element())) return false;
      }
      return true;
    case Function::now:
    case Function::today:
    case Function::time_of_day:
      return push_clock(function);
    case Function::type:
      for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
        if (!push(Value{keep(type_names(Value{stack_[i]}))})) return false;
      }
      return true;
    default:
      return numeric_aggregate(function, focus);
  }
}

bool Machine::filter_by(Function function, Range focus, Range other) {
  const bool wanted = function == Function::intersect;
  const std::uint32_t base = top();
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const Value value = stack_[i];
    steps_ += other.size();
    if (contains(other, value) == wanted && !push(value)) return false;
  }
  if (!wanted) return true;
  const std::uint32_t from = top();
  if (!push_distinct({base, from})) return false;
  collapse(base, from);
  return true;
}

// combine(other, preserveOrder) keeps duplicates; the order is kept in any case.
bool Machine::combine(Range focus, std::span<const Range> arguments) {
  return push_all(focus) && push_all(arguments[0]);
}

}  // namespace cpis::fhir::path
