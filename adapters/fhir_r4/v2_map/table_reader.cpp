#include "adapters/fhir_r4/v2_map/table_reader.h"

#include <algorithm>
#include <initializer_list>

#include "adapters/fhir_r4/v2_map/values.h"
#include "fhir/json/reader.h"
#include "fhir/tree/document.h"

namespace cpis::fhir_r4::v2 {
namespace {

using fhir::Element;
using Names = std::initializer_list<std::string_view>;

constexpr std::string_view comment = "comment";  // allowed everywhere, read nowhere

std::string text_of(const Element& element, std::string_view name) {
  return std::string{element.value_of(name)};
}

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

class TableReader {
 public:
  explicit TableReader(Findings& findings) : findings_{findings} {}

  TableDocument run(const Element& root) {
    TableDocument read;
    if (root.resource() || root.primitive()) {
      fail(root, "is no document of tables");
      return read;
    }
    only(root, {}, {}, {"conceptMaps", "datatypes", "templates", "resources"});
    for (const Element& map : root.children("conceptMaps")) {
      read.maps.push_back({required(map, "name"), map.line(), concept_map(map)});
    }
    for (const Element& datatype : root.children("datatypes")) {
      only(datatype, {"name"}, {}, {"rules"});
      read.datatypes.push_back({required(datatype, "name"), datatype.line(), rules(datatype)});
    }
    for (const Element& element : root.children("templates")) {
      read.templates.push_back(resource(element));
      if (read.templates.back().extends) fail(element, "a template cannot be extended");
    }
    for (const Element& element : root.children("resources")) {
      read.resources.push_back(resource(element));
    }
    return read;
  }

 private:
  void fail(const Element& element, std::string_view what) {
    std::string path = path_of(element);
    if (path.starts_with('.')) path.erase(0, 1);
    findings_.push_back({Severity::error,
                         "V2MAP-1",
                         {},
                         std::max<std::size_t>(element.line(), 1),
                         std::move(path),
                         std::string{what}});
  }

  // Every member is one of these, of that kind: a misspelt one would silently do nothing.
  void only(const Element& owner, Names texts, Names flags, Names lists, Names objects = {}) {
    const auto is = [](Names names, const Element& child) {
      return std::find(names.begin(), names.end(), child.name()) != names.end();
    };
    for (const Element& child : owner.children()) {
      if (is(texts, child)) {
        if (child.kind() != fhir::Kind::string || child.listed()) fail(child, "is not a text");
      } else if (is(flags, child)) {
        if (child.kind() != fhir::Kind::boolean) fail(child, "is neither true nor false");
      } else if (is(lists, child)) {
        if (!child.listed()) fail(child, "is not a list");
      } else if (is(objects, child)) {
        if (child.primitive() || child.listed()) fail(child, "is not an object");
      } else if (child.name() != comment) {
        fail(child, "is not a member that is known here");
      }
    }
  }

  std::string required(const Element& owner, std::string_view name) {
    if (owner.value_of(name).empty()) fail(owner, "has no " + std::string{name});
    return text_of(owner, name);
  }

  ConceptMap concept_map(const Element& element) {
    only(element, {"name", "system"}, {}, {"codes"}, {"otherwise"});
    ConceptMap map;
    map.system = text_of(element, "system");
    const auto code_of = [&](const Element& row) {
      return MappedCode{text_of(row, "system"), required(row, "code"), text_of(row, "display")};
    };
    for (const Element& row : element.children("codes")) {
      only(row, {"from", "code", "display", "system"}, {}, {});
      const std::string from = required(row, "from");
      if (from != in_capitals(from)) fail(row, "`from` is compared in capitals: write it so");
      map.codes[from] = code_of(row);
    }
    if (const Element* otherwise = element.first("otherwise")) {
      only(*otherwise, {"code", "display", "system"}, {}, {});
      map.otherwise = code_of(*otherwise);
    }
    return map;
  }

  ResourceRule resource(const Element& element) {
    only(element, {"key", "type", "segment"}, {"locates", "extend", "newIds"},
         {"id", "when", "rules"});
    ResourceRule made;
    made.line = element.line();
    made.key = required(element, "key");
    made.extends = element.value_of("extend") == "true";
    made.new_ids = element.value_of("newIds") == "true";
    made.type = text_of(element, "type");
    made.segment = text_of(element, "segment");
    made.locates = element.value_of("locates") == "true";
    for (const Element& id : element.children("id")) made.id.push_back(source(id));
    made.when = conditions(element);
    made.rules = rules(element);
    if (!made.extends) {
      for (const Rule& one : made.rules) {
        if (one.replaces) fail(element, "replaces a rule of a resource that it does not extend");
      }
      return made;
    }
    for (const std::string_view own : {"type", "segment", "locates", "newIds", "id", "when"}) {
      if (const Element* member = element.first(own)) {
        fail(*member, "belongs to the resource that is extended and cannot be changed here");
      }
    }
    return made;
  }

  Source source(const Element& text) {
    const auto parsed = Source::parse(text.value());
    if (!parsed) fail(text, "`" + std::string{text.value()} + "` is not a source");
    return parsed.value_or(Source{});
  }

  std::vector<Condition> conditions(const Element& owner) {
    std::vector<Condition> found;
    for (const Element& element : owner.children("when")) found.push_back(condition(element));
    return found;
  }

  Condition condition(const Element& element) {
    only(element, {"from"}, {"absent"}, {"in", "notIn", "startsWith"});
    Condition made;
    if (const Element* from = element.first("from")) {
      made.from = source(*from);
    } else {
      fail(element, "has no from");
    }
    int tests = 0;
    const auto listed = [&](std::string_view name, Condition::Test test) {
      if (element.first(name) != nullptr) ++tests;
      for (const Element& value : element.children(name)) {
        made.test = test;
        made.values.emplace_back(value.value());
      }
    };
    listed("in", Condition::Test::in);
    listed("notIn", Condition::Test::not_in);
    listed("startsWith", Condition::Test::starts_with);
    if (element.value_of("absent") == "true") {
      made.test = Condition::Test::absent;
      ++tests;
    }
    if (tests > 1) fail(element, "tests more than one thing; write a condition for each");
    return made;
  }

  std::vector<Rule> rules(const Element& owner) {
    std::vector<Rule> rules;
    for (const Element& element : owner.children("rules")) rules.push_back(rule(element));
    return rules;
  }

  Rule rule(const Element& element) {
    only(element, {"to", "from", "as", "map", "value", "reference", "make", "before"},
         {"locates", "required", "replace"}, {"when"}, {"coding"});
    Rule made;
    made.line = element.line();
    made.to = steps_of(required(element, "to"));
    int origins = 0;
    const auto origin = [&](std::string_view name) {
      origins += element.first(name) != nullptr ? 1 : 0;
      return text_of(element, name);
    };
    if (!origin("from").empty()) made.from = source(*element.first("from"));
    if (const auto as = element.value_of("as"); !as.empty()) made.as = as;
    made.map = text_of(element, "map");
    made.value = origin("value");
    made.reference = origin("reference");
    made.make = text_of(element, "make");
    made.locates = element.value_of("locates") == "true";
    made.before = text_of(element, "before");
    made.replaces = element.value_of("replace") == "true";
    made.required = element.value_of("required") == "true";
    made.when = conditions(element);
    if (const Element* coding = element.first("coding")) {
      ++origins;
      only(*coding, {"system", "code", "display"}, {}, {});
      made.coding = Coding{text_of(*coding, "system"), required(*coding, "code"),
                           text_of(*coding, "display")};
    }
    if (origins != 1) fail(element, "has not exactly one of from, value, coding and reference");
    if (!made.make.empty() && made.from.kind == Source::Kind::none) {
      fail(element, "makes a resource of nothing: say from");
    }
    return made;
  }

  Findings& findings_;
};

}  // namespace

TableDocument read_tables(std::string_view json, Findings& findings) {
  fhir::Document document;
  fhir::Issues issues;
  const bool read =
      fhir::json::read_view(json, document, issues, {.strict = false, .fragment = true});
  for (const fhir::Issue& issue : issues) {
    findings.push_back({Severity::error, "V2MAP-0", {}, issue.line, issue.path, issue.diagnostics});
  }
  if (!read) return {};
  return TableReader{findings}.run(document.root());
}

}  // namespace cpis::fhir_r4::v2
