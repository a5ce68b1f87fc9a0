#include "fhir/search/match.h"

#include <algorithm>

#include "fhir/path/ucum.h"

namespace cpis::fhir::search {
namespace {

constexpr std::string_view ucum_system = "http://unitsofmeasure.org";

// The prefixes over ranges: `mine` is the resource's, `wanted` the query's. FHIR R4 3.1.1.4.6.
template <class T>
bool range_holds(Prefix prefix, const T& from, const T& to, const T& wanted_from,
                 const T& wanted_to) {
  const bool inside = from >= wanted_from && to <= wanted_to;
  switch (prefix) {
    case Prefix::eq:
      return inside;
    case Prefix::ne:
      return !inside;
    case Prefix::gt:
      return to > wanted_to;
    case Prefix::lt:
      return from < wanted_from;
    case Prefix::ge:
      return to > wanted_to || inside;
    case Prefix::le:
      return from < wanted_from || inside;
    case Prefix::sa:
      return from >= wanted_to;
    case Prefix::eb:
      return to <= wanted_from;
    case Prefix::ap:
      return from < wanted_to && to > wanted_from;
  }
  return false;
}

// About: within a tenth of the distance from now. 3.1.1.4.6.
bool date_holds(Prefix prefix, TimeRange mine, TimeRange wanted, std::optional<std::int64_t> now) {
  constexpr std::int64_t tenth = 10;
  if (prefix == Prefix::ap && now) {
    const std::int64_t distance = *now > wanted.from ? *now - wanted.from : wanted.from - *now;
    wanted.from -= distance / tenth;
    wanted.to += distance / tenth;
  }
  return range_holds(prefix, mine.from, mine.to, wanted.from, wanted.to);
}

// Numbers compare exactly with gt, lt and so on; only equality looks at the digits. 3.1.1.4.9.
bool number_holds(Prefix prefix, const NumberRange& mine, const NumberRange& wanted) {
  const auto& value = mine.value;
  switch (prefix) {
    case Prefix::eq:
      return value >= wanted.from && value < wanted.to;
    case Prefix::ne:
      return value < wanted.from || value >= wanted.to;
    case Prefix::gt:
    case Prefix::sa:
      return value > wanted.value;
    case Prefix::lt:
    case Prefix::eb:
      return value < wanted.value;
    case Prefix::ge:
      return value >= wanted.value;
    case Prefix::le:
      return value <= wanted.value;
    case Prefix::ap:
      break;
  }
  const auto tenth =
      path::Decimal::multiply(wanted.value.absolute(), path::Decimal{path::Int128{1}, 1});
  const auto low = tenth ? path::Decimal::subtract(wanted.value, *tenth) : std::nullopt;
  const auto high = tenth ? path::Decimal::add(wanted.value, *tenth) : std::nullopt;
  return low && high && value >= *low && value <= *high;
}

bool quantity_holds(const Value& wanted, const IndexValue& mine) {
  if (wanted.text.empty()) return number_holds(wanted.prefix, mine.number, wanted.number);
  if (!wanted.system_given) {
    return (wanted.text == mine.text || wanted.text == mine.display) &&
           number_holds(wanted.prefix, mine.number, wanted.number);
  }
  if (wanted.system != mine.system) return false;
  if (wanted.text == mine.text) return number_holds(wanted.prefix, mine.number, wanted.number);
  if (wanted.system != ucum_system) return false;
  const auto value = path::ucum::convert(mine.number.value, mine.text, wanted.text);
  if (!value) return false;
  return number_holds(wanted.prefix, {*value, *value, *value}, wanted.number);
}

bool token_holds(const Value& wanted, const IndexValue& mine) {
  if (!wanted.text.empty() && wanted.text != mine.text) return false;
  if (!wanted.system_given) return true;
  if (wanted.system.empty()) return mine.system.empty();
  return wanted.system == mine.system || mine.any_system;
}

bool of_type_holds(const Value& wanted, const IndexValue& mine) {
  if (wanted.text != mine.text) return false;
  return std::ranges::any_of(mine.types, [&](const auto& type) {
    return type.first == wanted.system && type.second == wanted.type_code;
  });
}

bool starts_folded(std::string_view text, std::string_view start) {
  return folded(text).starts_with(folded(start));
}

bool string_holds(Modifier modifier, const Value& wanted, const IndexValue& mine) {
  if (modifier == Modifier::exact) return mine.text == wanted.text;
  if (modifier == Modifier::contains) {
    return folded(mine.text).find(folded(wanted.text)) != std::string::npos;
  }
  return starts_folded(mine.text, wanted.text);
}

// `a/b` is below `a`, and so is `a` itself; a urn has no steps.
bool uri_below(std::string_view uri, std::string_view above) {
  if (uri == above) return true;
  if (!uri.starts_with(above)) return false;
  return above.ends_with('/') || uri[above.size()] == '/';
}

bool uri_holds(Modifier modifier, const Value& wanted, const IndexValue& mine) {
  if (modifier == Modifier::below) return uri_below(mine.text, wanted.text);
  if (modifier == Modifier::above) return uri_below(wanted.text, mine.text);
  return mine.text == wanted.text;
}

bool reference_holds(Modifier modifier, const Value& wanted, const IndexValue& mine) {
  if (modifier == Modifier::identifier) {
    IndexValue identifier;
    identifier.text = mine.identifier;
    identifier.system = mine.system;
    return !mine.identifier.empty() && token_holds(wanted, identifier);
  }
  const ReferenceKey& key = wanted.reference;
  const ReferenceKey& own = mine.reference;
  if (modifier == Modifier::below) return uri_below(own.url, key.url);
  if (modifier == Modifier::above) return uri_below(key.url, own.url);
  if (!key.version.empty() && key.version != own.version) return false;
  if (!key.url.empty()) return key.url == own.url;
  if (!own.url.empty() || key.id.empty() || key.id != own.id) return false;
  return key.type.empty() || own.type.empty() || key.type == own.type;
}

bool text_holds(const Value& wanted, const IndexValue& mine) {
  std::string_view rest = mine.display;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    if (starts_folded(rest.substr(0, end), wanted.text)) return true;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return false;
}

}  // namespace

bool holds(SearchType type, Modifier modifier, const Value& value, const IndexValue& index,
           std::optional<std::int64_t> now) {
  if (modifier == Modifier::text) return text_holds(value, index);
  switch (type) {
    case SearchType::number:
      return number_holds(value.prefix, index.number, value.number);
    case SearchType::date:
      return date_holds(value.prefix, index.time, value.time, now);
    case SearchType::quantity:
      return quantity_holds(value, index);
    case SearchType::string:
      return string_holds(modifier, value, index);
    case SearchType::token:
      return modifier == Modifier::of_type ? of_type_holds(value, index)
                                           : token_holds(value, index);
    case SearchType::uri:
      return uri_holds(modifier, value, index);
    case SearchType::reference:
      return reference_holds(modifier, value, index);
    case SearchType::composite:
    case SearchType::special:
      break;
  }
  return false;
}

Matcher::Matcher(const Definitions& definitions, std::string own_base, Lookups lookups)
    : indexer_{definitions, std::move(own_base)}, lookups_{std::move(lookups)} {}

bool Matcher::matches(const Query& query, const Element& resource) {
  if (!query.type.empty() && resource.resource_type() != query.type) return false;
  return std::ranges::all_of(query.criteria,
                             [&](const Criterion& each) { return matches(each, resource); });
}

bool Matcher::matches(const Criterion& criterion, const Element& resource) {
  if (!criterion.reverse_type.empty()) return reversed(criterion, resource);
  const auto index = indexer_.values(*criterion.parameter, resource);
  if (criterion.modifier == Modifier::missing) return index.empty() == criterion.missing;
  if (!criterion.chain.empty()) return chained(criterion, index);
  switch (criterion.modifier) {
    case Modifier::in:
      return in_value_set(criterion, index);
    case Modifier::not_in: {
      const bool before = unanswered_;
      const bool in = in_value_set(criterion, index);
      return !in && unanswered_ == before;
    }
    case Modifier::not_:
      return !any_holds(criterion, index);
    case Modifier::below:
    case Modifier::above:
      if (criterion.parameter->type == SearchType::token) return subsumed(criterion, index);
      break;
    default:
      break;
  }
  return any_holds(criterion, index);
}

bool Matcher::any_holds(const Criterion& criterion, std::span<const IndexValue> index) {
  const SearchParameterDefinition& parameter = *criterion.parameter;
  const auto one = [&](const Value& value, const IndexValue& mine) {
    if (parameter.type != SearchType::composite) {
      return holds(parameter.type, criterion.modifier, value, mine, lookups_.now);
    }
    for (std::size_t i = 0; i < value.parts.size() && i < mine.parts.size(); ++i) {
      const auto* const part = indexer_.component(parameter, i);
      const bool any =
          part != nullptr && std::ranges::any_of(mine.parts[i], [&](const auto& each) {
            return holds(part->type, Modifier::none, value.parts[i], each, lookups_.now);
          });
      if (!any) return false;
    }
    return true;
  };
  for (const Value& value : criterion.values) {
    for (const IndexValue& mine : index) {
      if (one(value, mine)) return true;
    }
  }
  return false;
}

bool Matcher::in_value_set(const Criterion& criterion, std::span<const IndexValue> index) {
  for (const Value& value : criterion.values) {
    for (const IndexValue& mine : index) {
      const auto answer = lookups_.in_value_set
                              ? lookups_.in_value_set(mine.system, mine.text, value.text)
                              : std::nullopt;
      if (!answer) unanswered_ = true;
      if (answer.value_or(false)) return true;
    }
  }
  return false;
}

bool Matcher::subsumed(const Criterion& criterion, std::span<const IndexValue> index) {
  const bool below = criterion.modifier == Modifier::below;
  for (const Value& value : criterion.values) {
    for (const IndexValue& mine : index) {
      if (token_holds(value, mine)) return true;
      if (value.system_given && value.system != mine.system) continue;
      const auto answer = !lookups_.subsumes ? std::nullopt
                          : below            ? lookups_.subsumes(mine.system, value.text, mine.text)
                                  : lookups_.subsumes(mine.system, mine.text, value.text);
      if (!answer) unanswered_ = true;
      if (answer.value_or(false)) return true;
    }
  }
  return false;
}

bool Matcher::chained(const Criterion& criterion, std::span<const IndexValue> index) {
  if (!lookups_.resolve) {
    unanswered_ = true;
    return false;
  }
  for (const IndexValue& mine : index) {
    const Element* const target = lookups_.resolve(mine.reference);
    if (target == nullptr) continue;
    if (!criterion.target.empty() && target->resource_type() != criterion.target) continue;
    const bool holds_for_it = std::ranges::any_of(criterion.chain, [&](const Criterion& each) {
      return (each.type.empty() || each.type == target->resource_type()) && matches(each, *target);
    });
    if (holds_for_it) return true;
  }
  return false;
}

bool Matcher::reversed(const Criterion& criterion, const Element& resource) {
  if (!lookups_.referring) {
    unanswered_ = true;
    return false;
  }
  const auto sources = lookups_.referring(criterion.reverse_type, *criterion.parameter, resource);
  return std::ranges::any_of(sources, [&](const Element* source) {
    const auto index = indexer_.values(*criterion.parameter, *source);
    const bool refers = std::ranges::any_of(index, [&](const IndexValue& mine) {
      return mine.reference.url.empty() && mine.reference.type == resource.resource_type() &&
             mine.reference.id == resource.value_of("id");
    });
    return refers && matches(criterion.chain.front(), *source);
  });
}

}  // namespace cpis::fhir::search
