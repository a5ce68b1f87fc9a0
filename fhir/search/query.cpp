#include "fhir/search/query.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "fhir/path/text.h"

namespace cpis::fhir::search {
namespace {

struct ModifierRow {
  std::string_view name;
  Modifier modifier;
};
constexpr std::array modifiers{
    ModifierRow{"missing", Modifier::missing},   ModifierRow{"exact", Modifier::exact},
    ModifierRow{"contains", Modifier::contains}, ModifierRow{"not", Modifier::not_},
    ModifierRow{"text", Modifier::text},         ModifierRow{"in", Modifier::in},
    ModifierRow{"not-in", Modifier::not_in},     ModifierRow{"below", Modifier::below},
    ModifierRow{"above", Modifier::above},       ModifierRow{"identifier", Modifier::identifier},
    ModifierRow{"of-type", Modifier::of_type},
};

// Which modifiers make sense for a type. FHIR R4 3.1.1.4.5.
bool fits(Modifier modifier, SearchType type) {
  switch (modifier) {
    case Modifier::none:
    case Modifier::missing:
      return true;
    case Modifier::exact:
    case Modifier::contains:
      return type == SearchType::string;
    case Modifier::text:
      return type == SearchType::token || type == SearchType::reference;
    case Modifier::not_:
    case Modifier::in:
    case Modifier::not_in:
    case Modifier::of_type:
      return type == SearchType::token;
    case Modifier::below:
    case Modifier::above:
      return type == SearchType::token || type == SearchType::uri || type == SearchType::reference;
    case Modifier::identifier:
    case Modifier::type:
      return type == SearchType::reference;
  }
  return false;
}

// What does not choose resources, or is another module's.
constexpr std::array<std::string_view, 6> passed_over{"_format",        "_pretty", "_contained",
                                                      "_containedType", "_graph",  "_page"};

std::optional<std::uint32_t> whole(std::string_view text) {
  std::uint32_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) return {};
  return value;
}

class Reader {
 public:
  Reader(const Definitions& definitions, const QueryOptions& options, Issues& issues)
      : definitions_{definitions}, options_{options}, issues_{issues} {}

  void read(Query& query, const std::string& name, const std::string& value) {
    at_ = name;
    if (std::ranges::find(passed_over, std::string_view{name}) != passed_over.end()) return;
    bool good = false;
    if (name == "_count") {
      query.count = whole(value);
      good = query.count.has_value() || fail("a number is expected");
    } else if (name == "_summary") {
      good = summary(query, value);
    } else if (name == "_total") {
      good = total(query, value);
    } else if (name == "_elements") {
      for (const auto part : split_escaped(value, ',')) query.elements.emplace_back(part);
      good = true;
    } else if (name == "_sort") {
      good = sort(query, value);
    } else if (name.starts_with("_include") || name.starts_with("_revinclude")) {
      good = include(query, name, value);
    } else {
      Criterion criterion;
      good = read_criterion(query.type, name, value, criterion, 0);
      if (good) query.criteria.push_back(std::move(criterion));
    }
    if (good) query.used.emplace_back(name, value);
  }

  bool fail(std::string text, IssueCode code = IssueCode::value) {
    issues_.add({Severity::error, code, at_, 0, 0, "search-parameter", std::move(text)});
    return false;
  }

 private:
  // Lenient servers leave unknown parameters out and say so. 3.1.1.3.
  bool unknown(std::string_view name) {
    const auto severity = options_.strict ? Severity::error : Severity::warning;
    issues_.add({severity, IssueCode::not_supported, at_, 0, 0, "search-unknown",
                 "there is no search parameter " + std::string{name} + " here"});
    return false;
  }

  const SearchParameterDefinition* find(std::string_view type, std::string_view name) const {
    for (const auto* const parameter : options_.more) {
      const bool base = std::ranges::find(parameter->bases, type) != parameter->bases.end();
      if (parameter->code == name && base) return parameter;
    }
    return definitions_.search_parameter(type.empty() ? "Resource" : type, name);
  }

  bool summary(Query& query, std::string_view value) {
    constexpr std::array<std::string_view, 5> words{"false", "true", "text", "data", "count"};
    const auto word = std::ranges::find(words, value);
    if (word == words.end()) return fail("true, text, data, count or false is expected");
    query.summary = static_cast<Summary>(word - words.begin());
    return true;
  }

  bool total(Query& query, std::string_view value) {
    constexpr std::array<std::string_view, 3> words{"none", "estimate", "accurate"};
    const auto word = std::ranges::find(words, value);
    if (word == words.end()) return fail("none, estimate or accurate is expected");
    query.total = static_cast<Total>(word - words.begin());
    return true;
  }

  bool sort(Query& query, std::string_view value) {
    for (auto part : split_escaped(value, ',')) {
      SortKey key;
      key.descending = part.starts_with('-');
      if (key.descending) part.remove_prefix(1);
      key.name = part;
      key.parameter = find(query.type, part);
      if (key.parameter == nullptr && part != "_score") return unknown(part);
      query.sort.push_back(std::move(key));
    }
    return true;
  }

  bool include(Query& query, std::string_view name, std::string_view value) {
    const auto colon = name.find(':');
    const std::string_view base = name.substr(0, colon);
    Include each;
    if (colon != std::string_view::npos) {
      const std::string_view modifier = name.substr(colon + 1);
      each.iterate = modifier == "iterate" || modifier == "recurse";
      if (!each.iterate) return fail("only :iterate is known");
    }
    if (base != "_include" && base != "_revinclude") return unknown(name);
    const auto parts = split_escaped(value, ':');
    const bool all = value == "*";
    if (!all && (parts.size() < 2 || parts.size() > 3)) return fail("TYPE:PARAMETER is expected");
    each.source = parts[0];
    each.parameter = all ? "*" : parts[1];
    if (parts.size() == 3) each.target = parts[2];
    if (!all && each.parameter != "*") {
      const auto* const parameter = find(each.source, each.parameter);
      if (parameter == nullptr) return unknown(each.parameter);
      if (parameter->type != SearchType::reference) return fail("the parameter is no reference");
    }
    (base == "_include" ? query.includes : query.reverse_includes).push_back(std::move(each));
    return true;
  }

  bool read_criterion(std::string_view type, std::string_view name, std::string_view value,
                      Criterion& criterion, std::size_t depth) {
    if (depth > chain_depth_max) return fail("the chain is too long", IssueCode::too_costly);
    if (name.starts_with("_has:")) return has(name.substr(5), value, criterion, depth);
    const auto dot = name.find('.');
    std::string_view head = name.substr(0, dot);
    const auto colon = head.find(':');
    const std::string_view modifier =
        colon == std::string_view::npos ? std::string_view{} : head.substr(colon + 1);
    head = head.substr(0, colon);
    if (colon != std::string_view::npos && modifier.empty()) {
      return fail("there is no such modifier", IssueCode::not_supported);
    }
    criterion.type = type;
    criterion.name = head;
    criterion.parameter = find(type, head);
    if (criterion.parameter == nullptr) return unknown(head);
    // _text, _content, _query: nothing says which elements they look at.
    if (criterion.parameter->expression.empty() && criterion.parameter->components.empty()) {
      return unknown(head);
    }
    if (!modifier.empty() && !read_modifier(modifier, criterion)) return false;
    if (dot != std::string_view::npos) return chain(name.substr(dot + 1), value, criterion, depth);
    if (!fits(criterion.modifier, criterion.parameter->type)) {
      return fail("the modifier does not fit this parameter", IssueCode::not_supported);
    }
    return read_values(value, criterion);
  }

  bool read_modifier(std::string_view text, Criterion& criterion) {
    const auto row = std::ranges::find(modifiers, text, &ModifierRow::name);
    if (row != modifiers.end()) {
      criterion.modifier = row->modifier;
      return true;
    }
    if (definitions_.types().resource(text) == Schema::no_type) {
      return fail("there is no such modifier", IssueCode::not_supported);
    }
    criterion.modifier = Modifier::type;
    criterion.target = text;
    return true;
  }

  // `subject.name`: the parameter must exist for the type named, or for one of the targets. Where
  // several have it, each is asked by its own.
  bool chain(std::string_view rest, std::string_view value, Criterion& criterion,
             std::size_t depth) {
    if (criterion.parameter->type != SearchType::reference) {
      return fail("only references can be chained");
    }
    const std::string_view head = rest.substr(0, rest.find_first_of(":."));
    std::vector<std::string_view> types;
    if (!criterion.target.empty()) {
      types.emplace_back(criterion.target);
    } else {
      for (const auto target : criterion.parameter->targets) {
        if (find(target, head) != nullptr) types.push_back(target);
      }
    }
    if (types.empty() && !head.starts_with("_has")) return unknown(head);
    if (types.empty()) return fail("the type is needed: NAME:TYPE._has", IssueCode::not_supported);
    Issues before = issues_;
    Issues first;
    for (const auto type : types) {
      Criterion one;
      if (read_criterion(type, rest, value, one, depth + 1)) {
        criterion.chain.push_back(std::move(one));
      } else if (first.empty()) {
        first = issues_;
      }
      issues_ = before;
    }
    if (criterion.chain.empty()) issues_ = first;
    return !criterion.chain.empty();
  }

  // Observation:patient:code
  bool has(std::string_view rest, std::string_view value, Criterion& criterion, std::size_t depth) {
    const auto first = rest.find(':');
    const auto second = first == std::string_view::npos ? first : rest.find(':', first + 1);
    if (second == std::string_view::npos) return fail("_has:TYPE:REFERENCE:PARAMETER is expected");
    criterion.type = {};
    criterion.reverse_type = rest.substr(0, first);
    criterion.name = rest.substr(first + 1, second - first - 1);
    criterion.parameter = find(criterion.reverse_type, criterion.name);
    if (criterion.parameter == nullptr) return unknown(criterion.name);
    if (criterion.parameter->type != SearchType::reference) {
      return fail("the parameter is no reference");
    }
    const std::string type = criterion.reverse_type;
    return read_criterion(type, rest.substr(second + 1), value, criterion.chain.emplace_back(),
                          depth + 1);
  }

  bool read_values(std::string_view text, Criterion& criterion) {
    if (criterion.modifier == Modifier::missing) {
      criterion.missing = text == "true";
      return text == "true" || text == "false" || fail("true or false is expected");
    }
    const auto parts = split_escaped(text, ',');
    if (parts.size() > values_max) return fail("too many values", IssueCode::too_costly);
    for (const auto part : parts) {
      auto value = one(part, criterion);
      if (!value) return false;
      criterion.values.push_back(std::move(*value));
    }
    return true;
  }

  std::optional<Value> one(std::string_view text, const Criterion& criterion) {
    const bool words = criterion.modifier == Modifier::text || criterion.modifier == Modifier::in ||
                       criterion.modifier == Modifier::not_in;
    SearchType type = words ? SearchType::string : criterion.parameter->type;
    if (criterion.modifier == Modifier::identifier) type = SearchType::token;
    if (type == SearchType::composite) return composite(text, *criterion.parameter);
    std::string problem;
    auto value = read_value(type, text, options_.own_base, problem);
    if (!value)
      fail(problem, type == SearchType::special ? IssueCode::not_supported : IssueCode::value);
    if (value && criterion.modifier == Modifier::type && value->reference.type.empty()) {
      value->reference.type = criterion.target;
    }
    return value;
  }

  std::optional<Value> composite(std::string_view text,
                                 const SearchParameterDefinition& parameter) {
    const auto parts = split_escaped(text, '$');
    if (parts.size() != parameter.components.size()) {
      fail("a composite needs one value for each part, separated by $");
      return std::nullopt;
    }
    Value value;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto* const part = definitions_.search_parameter(parameter.components[i].definition);
      std::string problem = "the part of the composite is not known";
      const bool plain = part != nullptr && part->type != SearchType::composite;
      auto each =
          plain ? read_value(part->type, parts[i], options_.own_base, problem) : std::nullopt;
      if (!each) {
        fail(problem);
        return std::nullopt;
      }
      value.parts.push_back(std::move(*each));
    }
    return value;
  }

  const Definitions& definitions_;
  const QueryOptions& options_;
  Issues& issues_;
  std::string at_;
};

}  // namespace

Query read_query(std::string_view resource_type,
                 std::span<const std::pair<std::string, std::string>> items,
                 const Definitions& definitions, const QueryOptions& options, Issues& issues) {
  Query query;
  query.type = resource_type;
  Reader reader{definitions, options, issues};
  if (items.size() > parameters_max) {
    reader.fail("too many parameters", IssueCode::too_costly);
    return query;
  }
  for (const auto& [name, value] : items) reader.read(query, name, value);
  return query;
}

std::vector<std::pair<std::string, std::string>> split_query(std::string_view text,
                                                             Issues& issues) {
  std::vector<std::pair<std::string, std::string>> items;
  const auto decoded = [&](std::string_view part) {
    std::string out;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '%') {
        out += part[i] == '+' ? ' ' : part[i];
        continue;
      }
      const auto code = part.size() - i > 2 ? path::hex_value(part.substr(i + 1, 2)) : std::nullopt;
      if (!code) {
        issues.add({Severity::error,
                    IssueCode::invalid,
                    {},
                    0,
                    0,
                    "search-escape",
                    "a % must be followed by two hexadecimal digits"});
        return out;
      }
      out += static_cast<char>(*code);
      i += 2;
    }
    return out;
  };
  while (!text.empty() && items.size() <= parameters_max) {
    const auto end = text.find('&');
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (item.empty()) continue;
    const auto equals = item.find('=');
    const bool valued = equals != std::string_view::npos;
    items.emplace_back(decoded(item.substr(0, equals)),
                       valued ? decoded(item.substr(equals + 1)) : std::string{});
  }
  return items;
}

}  // namespace cpis::fhir::search
