#include "fhir/search/convert.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cpis::fhir::search {
namespace {

constexpr std::array<std::string_view, 5> name_parts{"family", "given", "prefix", "suffix", "text"};
constexpr std::array<std::string_view, 7> address_parts{
    "line", "city", "district", "state", "postalCode", "country", "text"};

IndexValue of_text(std::string_view text) {
  IndexValue value;
  value.text = text;
  return value;
}

template <std::size_t size>
void add_parts(const Element& element, const std::array<std::string_view, size>& names,
               std::vector<IndexValue>& out) {
  for (const auto name : names) {
    for (const Element& part : element.children(name)) {
      if (part.has_value()) out.push_back(of_text(part.value()));
    }
  }
}

void string(const Element& element, std::string_view type, std::vector<IndexValue>& out) {
  if (element.primitive()) {
    if (element.has_value()) out.push_back(of_text(element.value()));
  } else if (type == "HumanName") {
    add_parts(element, name_parts, out);
  } else if (type == "Address") {
    add_parts(element, address_parts, out);
  } else if (const auto text = element.value_of("text"); !text.empty()) {
    out.push_back(of_text(text));
  }
}

void add_time(const TimeRange& range, std::vector<IndexValue>& out) {
  IndexValue value;
  value.time = range;
  out.push_back(std::move(value));
}

std::optional<TimeRange> time_of(const Element* element) {
  if (element == nullptr || !element->has_value()) return std::nullopt;
  const auto moment = path::Temporal::parse_date_time(element->value());
  return moment ? std::optional{range_of(*moment)} : std::nullopt;
}

// A missing end is open; a period that says nothing is no value.
std::optional<TimeRange> period(const Element& element) {
  const auto start = time_of(element.first("start"));
  const auto end = time_of(element.first("end"));
  if (!start && !end) return std::nullopt;
  return TimeRange{start ? start->from : TimeRange::earliest, end ? end->to : TimeRange::latest};
}

// From the first to the last of what a schedule says. 3.1.1.4.7.
std::optional<TimeRange> timing(const Element& element) {
  std::optional<TimeRange> whole;
  for (const Element& event : element.children("event")) {
    const auto range = time_of(&event);
    if (!range) continue;
    if (!whole) whole = range;
    whole->from = std::min(whole->from, range->from);
    whole->to = std::max(whole->to, range->to);
  }
  const Element* const repeat = element.first("repeat");
  const Element* const bounds = repeat == nullptr ? nullptr : repeat->first("boundsPeriod");
  return bounds != nullptr && !whole ? period(*bounds) : whole;
}

void date(const Element& element, std::string_view type, std::vector<IndexValue>& out) {
  std::optional<TimeRange> range;
  if (element.primitive()) {
    range = time_of(&element);
  } else if (type == "Timing") {
    range = timing(element);
  } else {
    range = period(element);
  }
  if (range) add_time(*range, out);
}

void add_number(std::string_view text, std::vector<IndexValue>& out) {
  const auto range = number_range(text);
  if (!range) return;
  IndexValue value;
  value.number = *range;
  out.push_back(std::move(value));
}

std::optional<IndexValue> quantity_value(const Element& element) {
  const Element* const number = element.first("value");
  const auto range = number == nullptr ? std::nullopt : number_range(number->value());
  if (!range) return std::nullopt;
  IndexValue value;
  value.number = *range;
  value.system = element.value_of("system");
  value.text = element.value_of("code");
  value.display = element.value_of("unit");
  if (const auto currency = element.value_of("currency"); !currency.empty()) {
    value.system = "urn:iso:std:iso:4217";
    value.text = currency;
  }
  return value;
}

void quantity(const Element& element, std::string_view type, std::vector<IndexValue>& out) {
  if (type != "Range") {
    if (auto value = quantity_value(element)) out.push_back(std::move(*value));
    return;
  }
  const Element* const low = element.first("low");
  const Element* const high = element.first("high");
  auto value = low != nullptr ? quantity_value(*low) : std::nullopt;
  const auto top = high != nullptr ? quantity_value(*high) : std::nullopt;
  if (!value) value = top;
  if (!value) return;
  if (top) value->number.to = top->number.to;
  out.push_back(std::move(*value));
}

}  // namespace

void Converter::convert(SearchType type, const path::Value& value, std::string_view type_name,
                        std::vector<IndexValue>& out) const {
  if (!value.is_element()) {
    const bool plain =
        type == SearchType::token || type == SearchType::string || type == SearchType::uri;
    if (plain) out.push_back(of_text(to_text(value)));
    if (type == SearchType::number) add_number(to_text(value), out);
    return;
  }
  const Element& element = value.element();
  switch (type) {
    case SearchType::string:
      return string(element, type_name, out);
    case SearchType::token:
      return token(element, type_name, out);
    case SearchType::date:
      return date(element, type_name, out);
    case SearchType::reference:
      return reference(element, out);
    case SearchType::number:
      return add_number(element.value(), out);
    case SearchType::quantity:
      return quantity(element, type_name, out);
    case SearchType::uri:
      if (element.has_value()) out.push_back(of_text(element.value()));
      return;
    case SearchType::composite:
    case SearchType::special:
      return;
  }
}

void Converter::token(const Element& element, std::string_view type,
                      std::vector<IndexValue>& out) const {
  if (element.primitive()) {
    if (!element.has_value()) return;
    IndexValue value = of_text(element.value());
    if (type == "code") {
      value.system = implied_system(element);
      value.any_system = value.system.empty();
    }
    out.push_back(std::move(value));
    return;
  }
  if (type == "Identifier" || type == "ContactPoint") {
    IndexValue value = of_text(element.value_of("value"));
    if (type == "Identifier") value.system = element.value_of("system");
    if (value.text.empty() && value.system.empty()) return;
    if (const Element* const kind = element.first("type")) {
      value.display = kind->value_of("text");
      for (const Element& coding : kind->children("coding")) {
        value.types.emplace_back(coding.value_of("system"), coding.value_of("code"));
      }
    }
    out.push_back(std::move(value));
    return;
  }
  coded(element, out);
}

void Converter::coded(const Element& element, std::vector<IndexValue>& out) const {
  const auto coding = [&](const Element& each, std::string_view text) {
    IndexValue value = of_text(each.value_of("code"));
    value.system = each.value_of("system");
    value.display = each.value_of("display");
    if (!text.empty()) value.display += (value.display.empty() ? "" : "\n") + std::string{text};
    if (!value.text.empty() || !value.system.empty()) out.push_back(std::move(value));
  };
  const std::string_view text = element.value_of("text");
  if (element.first("coding") == nullptr) {
    coding(element, text);
    if (text.empty() || element.first("code") != nullptr) return;
    IndexValue only;
    only.display = text;
    out.push_back(std::move(only));
    return;
  }
  for (const Element& each : element.children("coding")) coding(each, text);
}

// A code has no system of its own: it is the one system of its value set. 3.1.1.4.10.
std::string_view Converter::implied_system(const Element& element) const {
  if (element.definition() == no_annotation) return {};
  const auto* const definition = definitions_.types().field(element.definition()).element;
  if (definition == nullptr || definition->binding == nullptr) return {};
  const ValueSet* const set = definitions_.value_set(definition->binding->value_set);
  if (set == nullptr || set->includes.size() != 1) return {};
  return set->includes[0].system;
}

void Converter::reference(const Element& element, std::vector<IndexValue>& out) const {
  IndexValue value;
  if (element.primitive()) {
    if (!element.has_value()) return;
    value.text = element.value();
    value.reference = reference_key(value.text, own_base_);
    out.push_back(std::move(value));
    return;
  }
  value.text = element.value_of("reference");
  // Contained resources are part of this one and cannot be asked for.
  if (!value.text.empty() && !value.text.starts_with('#')) {
    value.reference = reference_key(value.text, own_base_);
    if (value.reference.type.empty()) value.reference.type = element.value_of("type");
  }
  if (const Element* const identifier = element.first("identifier")) {
    value.system = identifier->value_of("system");
    value.identifier = identifier->value_of("value");
  }
  out.push_back(std::move(value));
}

}  // namespace cpis::fhir::search
