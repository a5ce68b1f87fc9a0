#include "adapters/fhir_r4/v2_map/tables.h"

#include <algorithm>
#include <charconv>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"

namespace cpis::fhir_r4::v2 {
namespace {

using fhir::Element;

Error wrong(std::string_view where, std::string_view what) {
  return Error{ErrorKind::bad_input,
               "v2-to-FHIR tables: " + std::string{where} + ": " + std::string{what}};
}

std::string text_of(const Element& element, std::string_view name) {
  return std::string{element.value_of(name)};
}

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

std::vector<Step> steps_of(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    std::string_view name = path.substr(0, dot);
    const bool many = name.ends_with("[]");
    if (many) name.remove_suffix(2);
    steps.push_back({std::string{name}, many});
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return steps;
}

void extend(ResourceRule& resource, std::vector<Rule> rules) {
  for (Rule& rule : rules) {
    const auto place =
        std::find_if(resource.rules.begin(), resource.rules.end(), [&](const Rule& other) {
          return !rule.before.empty() && other.to.front().name == rule.before;
        });
    resource.rules.insert(place, std::move(rule));
  }
}

class TableReader {
 public:
  bool ok() const { return !error_; }
  const std::optional<Error>& error() const { return error_; }

  std::vector<Rule> rules(const Element& owner, std::string_view where) {
    std::vector<Rule> rules;
    for (const Element& element : owner.children("rules")) rules.push_back(rule(element, where));
    return rules;
  }

  ResourceRule resource(const Element& element) {
    ResourceRule made;
    made.key = text_of(element, "key");
    made.type = text_of(element, "type");
    made.segment = text_of(element, "segment");
    made.locates = element.value_of("locates") == "true";
    for (const Element& id : element.children("id"))
      made.id.push_back(source(id.value(), made.key));
    made.when = conditions(element, made.key);
    made.rules = rules(element, made.key);
    if (made.key.empty()) fail("resource", "without a key");
    return made;
  }

  static ConceptMap concept_map(const Element& element, ConceptMap into) {
    if (const auto system = element.value_of("system"); !system.empty()) into.system = system;
    const auto code_of = [&](const Element& row) {
      const std::string own = text_of(row, "system");
      return MappedCode{own.empty() ? into.system : own, text_of(row, "code"),
                        text_of(row, "display")};
    };
    for (const Element& row : element.children("codes")) {
      into.codes[text_of(row, "from")] = code_of(row);
    }
    if (const Element* otherwise = element.first("otherwise")) {
      into.otherwise = code_of(*otherwise);
    }
    return into;
  }

 private:
  void fail(std::string_view where, std::string_view what) {
    if (!error_) error_ = wrong(where, what);
  }

  Source source(std::string_view text, std::string_view where) {
    const auto parsed = Source::parse(text);
    if (!parsed) fail(where, "`" + std::string{text} + "` is not a source");
    return parsed.value_or(Source{});
  }

  std::vector<Condition> conditions(const Element& owner, std::string_view where) {
    std::vector<Condition> found;
    for (const Element& element : owner.children("when")) {
      Condition condition;
      condition.from = source(element.value_of("from"), where);
      for (const Element& value : element.children("in")) {
        condition.test = Condition::Test::in;
        condition.values.emplace_back(value.value());
      }
      for (const Element& value : element.children("notIn")) {
        condition.test = Condition::Test::not_in;
        condition.values.emplace_back(value.value());
      }
      for (const Element& value : element.children("startsWith")) {
        condition.test = Condition::Test::starts_with;
        condition.values.emplace_back(value.value());
      }
      if (element.value_of("absent") == "true") condition.test = Condition::Test::absent;
      found.push_back(std::move(condition));
    }
    return found;
  }

  Rule rule(const Element& element, std::string_view where) {
    Rule made;
    made.to = steps_of(element.value_of("to"));
    if (const auto from = element.value_of("from"); !from.empty()) made.from = source(from, where);
    if (const auto as = element.value_of("as"); !as.empty()) made.as = as;
    made.map = text_of(element, "map");
    made.value = text_of(element, "value");
    made.reference = text_of(element, "reference");
    made.make = text_of(element, "make");
    made.locates = element.value_of("locates") == "true";
    made.before = text_of(element, "before");
    made.required = element.value_of("required") == "true";
    made.when = conditions(element, where);
    if (const Element* coding = element.first("coding")) {
      made.coding =
          Coding{text_of(*coding, "system"), text_of(*coding, "code"), text_of(*coding, "display")};
    }
    if (made.to.empty()) fail(where, "a rule without a target");
    return made;
  }

  std::optional<Error> error_;
};

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
  fhir::Document document;
  fhir::Issues issues;
  if (!fhir::json::read(std::string{json}, document, issues, {.fragment = true})) {
    return wrong("document", "not JSON");
  }
  TableReader reader;
  const Element& root = document.root();
  for (const Element& map : root.children("conceptMaps")) {
    ConceptMap& known = maps_[text_of(map, "name")];
    known = TableReader::concept_map(map, std::move(known));
  }
  for (const Element& datatype : root.children("datatypes")) {
    const std::string name = text_of(datatype, "name");
    datatypes_[name] = reader.rules(datatype, name);
  }
  for (const Element& element : root.children("templates")) {
    ResourceRule made = reader.resource(element);
    templates_[made.key] = std::move(made);
  }
  for (const Element& element : root.children("resources")) {
    ResourceRule made = reader.resource(element);
    const auto known = std::find_if(resources_.begin(), resources_.end(),
                                    [&](const ResourceRule& r) { return r.key == made.key; });
    if (element.value_of("extend") == "true") {
      if (known == resources_.end()) return wrong(made.key, "extends a resource that is not there");
      extend(*known, std::move(made.rules));
    } else if (known != resources_.end()) {
      *known = std::move(made);
    } else {
      resources_.push_back(std::move(made));
    }
  }
  if (!reader.ok()) return *reader.error();
  return done;
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
