#include "adapters/fhir_r4/v2_map/tables.h"

#include <algorithm>
#include <charconv>

#include "adapters/fhir_r4/v2_map/table_reader.h"

namespace cpis::fhir_r4::v2 {
namespace {

// Takes `n[.n]` from the front of `text`.
bool take_components(std::string_view text, Source& source) {
  const auto take = [&](std::size_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number == 0) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
  };
  source.whole = false;
  if (!take(source.component)) return false;
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  return take(source.subcomponent) && text.empty();
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// Takes the rules out that others replace; where the first of them stood is where those go.
std::optional<std::size_t> make_room(std::vector<Rule>& rules, const Rule& by) {
  const auto same = [&](const Rule& one) { return one.to == by.to && !one.replaces; };
  const auto first = std::find_if(rules.begin(), rules.end(), same);
  if (first == rules.end()) return std::nullopt;
  const auto place = static_cast<std::size_t>(first - rules.begin());
  std::erase_if(rules, same);
  return place;
}

void extend(ResourceRule& resource, std::vector<Rule> added, Findings& findings) {
  std::vector<Rule>& rules = resource.rules;
  for (Rule& rule : rules) rule.replaces = false;
  for (Rule& rule : added) {
    auto place = std::find_if(rules.begin(), rules.end(), [&](const Rule& other) {
      return !rule.before.empty() && other.to.front().name == rule.before;
    });
    if (rule.replaces) {
      const auto room = make_room(rules, rule);
      // A second rule for the same element follows the first.
      const auto last = std::find_if(rules.rbegin(), rules.rend(), [&](const Rule& other) {
        return other.to == rule.to && other.replaces;
      });
      if (room) {
        place = rules.begin() + static_cast<std::ptrdiff_t>(*room);
      } else if (last != rules.rend()) {
        place = last.base();
      } else {
        findings.push_back({Severity::error,
                            "V2MAP-2",
                            {},
                            rule.line,
                            resource.key,
                            "replaces a rule that is not there"});
      }
    }
    rules.insert(place, std::move(rule));
  }
}

}  // namespace

std::optional<Source> Source::parse(std::string_view text) {
  Source source;
  if (text.starts_with('@') && text.size() > 1) {
    source.kind = Kind::fact;
    source.name = text;
    return source;
  }
  if (text.size() > 4 && is_capital(text[0]) && text[3] == '-') {
    source.kind = Kind::segment;
    source.name = text.substr(0, 3);
    const std::string_view rest = text.substr(4);
    const std::size_t dot = rest.find('.');
    const std::string_view field = rest.substr(0, dot);
    const auto [end, error] =
        std::from_chars(field.data(), field.data() + field.size(), source.field);
    if (error != std::errc{} || end != field.data() + field.size() || source.field == 0) return {};
    if (dot != std::string_view::npos && !take_components(rest.substr(dot + 1), source)) return {};
    return source;
  }
  source.kind = Kind::component;
  if (!take_components(text, source)) return std::nullopt;
  return source;
}

Status Tables::add(std::string_view json) {
  Findings findings;
  TableDocument document = read_tables(json, findings);
  if (findings.empty()) lay(std::move(document), findings);
  if (findings.empty()) return done;
  const Finding& first = findings.front();
  return Error{ErrorKind::bad_input, "v2-to-FHIR tables, line " + std::to_string(first.line) +
                                         ": " + first.field + ": " + first.text};
}

void Tables::lay(TableDocument&& document, Findings& findings) {
  for (TableDocument::Map& map : document.maps) lay(std::move(map.rows), maps_[map.name]);
  for (TableDocument::Datatype& datatype : document.datatypes) {
    datatypes_[datatype.name] = std::move(datatype.rules);
  }
  for (ResourceRule& made : document.templates) templates_[made.key] = std::move(made);
  for (ResourceRule& made : document.resources) {
    const auto known = std::find_if(resources_.begin(), resources_.end(),
                                    [&](const ResourceRule& one) { return one.key == made.key; });
    if (made.extends) {
      if (known == resources_.end()) {
        findings.push_back({Severity::error,
                            "V2MAP-2",
                            {},
                            made.line,
                            made.key,
                            "extends a resource that is not there"});
      } else {
        extend(*known, std::move(made.rules), findings);
      }
    } else if (known != resources_.end()) {
      *known = std::move(made);
    } else {
      // Provenance comes last: it points at everything that was made before.
      const auto place = std::find_if(resources_.begin(), resources_.end(),
                                      [](const auto& one) { return one.type == "Provenance"; });
      resources_.insert(place, std::move(made));
    }
  }
}

void Tables::lay(ConceptMap&& rows, ConceptMap& known) {
  if (!rows.system.empty()) known.system = rows.system;
  const auto with_system = [&](MappedCode& code) {
    if (code.system.empty()) code.system = known.system;
    return std::move(code);
  };
  for (auto& [from, code] : rows.codes) known.codes[from] = with_system(code);
  if (rows.otherwise) known.otherwise = with_system(*rows.otherwise);
}

const ResourceRule* Tables::find_resource(std::string_view key) const {
  const auto found = std::find_if(resources_.begin(), resources_.end(),
                                  [&](const ResourceRule& one) { return one.key == key; });
  return found == resources_.end() ? nullptr : &*found;
}

const MappedCode* Tables::find_code(std::string_view map, std::string_view code) const {
  const auto found = maps_.find(map);
  if (found == maps_.end()) return nullptr;
  const auto row = found->second.codes.find(code);
  if (row != found->second.codes.end()) return &row->second;
  return found->second.otherwise ? &*found->second.otherwise : nullptr;
}

const std::vector<Rule>* Tables::find_datatype(std::string_view name) const {
  const auto found = datatypes_.find(name);
  return found == datatypes_.end() ? nullptr : &found->second;
}

const ResourceRule* Tables::find_template(std::string_view name) const {
  const auto found = templates_.find(name);
  return found == templates_.end() ? nullptr : &found->second;
}

}  // namespace cpis::fhir_r4::v2
