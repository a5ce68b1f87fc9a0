#include "adapters/fhir_r4/v2_map/overlay.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "adapters/fhir_r4/v2_map/table_reader.h"

namespace cpis::fhir_r4::v2 {
namespace {

using TypeId = fhir::Schema::TypeId;

constexpr std::size_t datatypes_depth_max = 8;

// What is read without a rule naming it (mapper_types.cpp).
constexpr std::array<std::string_view, 5> maps_of_the_mapper{
    "CodeSystem", "IdentifierSystem", "IdentifierType", "TelecomSystem", "TelecomUse"};

struct BuiltIn {
  std::string_view as;
  std::string_view member;  // an element the target must have
};
constexpr std::array built_in_datatypes{BuiltIn{"CodeableConcept", "coding"},
                                        BuiltIn{"MappedConcept", "coding"},
                                        BuiltIn{"Coding", "code"}, BuiltIn{"ContactPoint", "rank"},
                                        BuiltIn{"PatientIdentifier", "assigner"}};

struct Literal {
  std::string_view as;
  fhir::Kind kind;
};
constexpr std::array literals{
    Literal{"string", fhir::Kind::string},   Literal{"code", fhir::Kind::string},
    Literal{"uri", fhir::Kind::string},      Literal{"date", fhir::Kind::string},
    Literal{"dateTime", fhir::Kind::string}, Literal{"instant", fhir::Kind::string},
    Literal{"boolean", fhir::Kind::boolean}, Literal{"integer", fhir::Kind::number},
    Literal{"decimal", fhir::Kind::number}};

// Where messages say where somebody lives, may be called, is registered or lies.
constexpr std::array<std::string_view, 12> locating_fields{"PID-11", "PID-12", "PID-13", "PID-14",
                                                           "PID-23", "PD1-3",  "PD1-4",  "PV1-3",
                                                           "PV1-6",  "PV1-11", "PV1-42", "PV1-43"};
constexpr std::array<std::string_view, 5> locating_elements{"address", "telecom", "contact",
                                                            "generalPractitioner", "location"};

std::string path_of(const std::vector<Step>& to) {
  std::string path;
  for (const Step& step : to) {
    if (!path.empty()) path += '.';
    path += step.name + (step.many ? "[]" : "");
  }
  return path;
}

constexpr std::string_view must_locate = "tells where somebody lives or is: say \"locates\": true";

bool is_personal(std::string_view type) {
  return type == "Patient" || type == "Encounter" || type == "RelatedPerson" ||
         type == "EpisodeOfCare" || type == "Coverage";
}

bool reads_where(const Source& from) {
  if (from.kind != Source::Kind::segment) return false;
  const std::string field = from.name + '-' + std::to_string(from.field);
  return from.name == "NK1" || std::ranges::count(locating_fields, field) != 0;
}

bool writes_where(const Rule& rule) {
  return std::ranges::count(locating_elements, rule.to.front().name) != 0;
}

class OverlayCheck {
 public:
  OverlayCheck(const Tables& tables, const fhir::Schema& schema, Findings& findings)
      : tables_{tables}, schema_{schema}, findings_{findings} {}

  void run(const TableDocument& document) {
    for (const ResourceRule& one : tables_.resources()) {
      resource(one, false);
      made_before_.insert(one.key);
    }
    for (const auto& [key, one] : tables_.templates()) resource(one, true);
    for (const auto& map : document.maps) {
      const bool used =
          used_maps_.contains(map.name) || std::ranges::count(maps_of_the_mapper, map.name) != 0;
      if (!used) fail(map.line, map.name, "no rule uses this concept map");
    }
    for (const auto& datatype : document.datatypes) {
      if (!used_datatypes_.contains(datatype.name)) {
        fail(datatype.line, datatype.name, "no rule uses this datatype");
      }
    }
    for (const auto& one : document.templates) {
      if (!used_templates_.contains(one.key))
        fail(one.line, one.key, "no rule makes this template");
    }
  }

 private:
  void fail(std::size_t line, std::string_view where, std::string what) {
    findings_.push_back(
        {Severity::error, "V2MAP-2", {}, line, std::string{where}, std::move(what)});
  }
  void fail(const Rule& rule, std::string what) {
    fail(rule.line, where_ + ": " + path_of(rule.to), std::move(what));
  }

  void resource(const ResourceRule& one, bool from_field) {
    where_ = one.key;
    hidden_ = one.locates;
    const TypeId type = schema_.resource(one.type);
    if (type == fhir::Schema::no_type) return fail(one.line, one.key, "has no type of FHIR");
    if (one.id.empty()) fail(one.line, one.key, "has no id: say what it is made of");
    for (const Source& id : one.id) fact(id, one.line);
    for (const Condition& condition : one.when) fact(condition.from, one.line);
    has_repetition_ = from_field;
    for (const Rule& each : one.rules) {
      rule(each, type, 0);
      if (is_personal(one.type) && !from_field && !one.locates && !each.locates &&
          writes_where(each) && !reads_where(each.from)) {
        fail(each, std::string{must_locate});
      }
      const bool placed = each.before.empty() || std::ranges::any_of(one.rules, [&](const Rule& o) {
                            return o.to.front().name == each.before;
                          });
      if (!placed) fail(each, "stands before `" + each.before + "`, which no rule is for");
    }
  }

  void fact(const Source& source, std::size_t line) {
    if (source.kind != Source::Kind::fact || std::ranges::count(fact_names, source.name) != 0) {
      return;
    }
    fail(line, where_, "`" + source.name + "` is not a fact that is known");
  }

  void rule(const Rule& one, TypeId owner, std::size_t depth) {
    fact(one.from, one.line);
    for (const Condition& condition : one.when) fact(condition.from, one.line);
    if (!hidden_ && !one.locates && reads_where(one.from)) fail(one, std::string{must_locate});
    if (one.from.kind == Source::Kind::component && !has_repetition_) {
      fail(one, "a component, and of no field: say the segment and field too");
    }
    const auto reached = target_of(one, owner);
    if (!reached) return;
    if (!one.map.empty()) {
      used_maps_.insert(one.map);
      if (!tables_.maps().contains(one.map)) fail(one, "there is no concept map " + one.map);
    }
    if (one.coding) return needs(one, *reached, "coding", "a CodeableConcept");
    if (!one.reference.empty() || !one.make.empty()) return refers(one, *reached);
    value(one, *reached, depth);
  }

  std::optional<fhir::Schema::Member> target_of(const Rule& one, TypeId owner) {
    std::optional<fhir::Schema::Member> reached;
    for (const Step& step : one.to) {
      reached = schema_.member(reached ? reached->type : owner, step.name);
      if (!reached) {
        fail(one, "`" + step.name + "` is not an element there");
        return std::nullopt;
      }
      if (step.many != reached->list) {
        fail(one, "`" + step.name +
                      (reached->list ? "` is a list: write " : "` is no list: write ") + step.name +
                      (reached->list ? "[]" : ""));
      }
    }
    return reached;
  }

  void needs(const Rule& one, const fhir::Schema::Member& target, std::string_view member,
             std::string_view what) {
    if (is_primitive(target.kind) || !schema_.member(target.type, member)) {
      fail(one, "is not " + std::string{what});
    }
  }

  void refers(const Rule& one, const fhir::Schema::Member& target) {
    needs(one, target, "reference", "a Reference");
    if (!one.make.empty()) {
      used_templates_.insert(one.make);
      if (tables_.find_template(one.make) == nullptr) fail(one, "there is no template " + one.make);
    } else if (one.reference != "*" && tables_.find_resource(one.reference) == nullptr) {
      fail(one, "there is no resource `" + one.reference + '`');
    } else if (one.reference != "*" && !has_repetition_ && !made_before_.contains(one.reference)) {
      fail(one, "`" + one.reference + "` is made later than this");
    }
  }

  void value(const Rule& one, const fhir::Schema::Member& target, std::size_t depth) {
    const auto literal = std::ranges::find(literals, one.as, &Literal::as);
    if (literal != literals.end()) {
      if (target.kind != literal->kind) fail(one, "cannot hold a " + one.as);
      return;
    }
    const auto known = std::ranges::find(built_in_datatypes, one.as, &BuiltIn::as);
    if (known != built_in_datatypes.end()) {
      return needs(one, target, known->member, "what `as` makes: " + one.as);
    }
    const std::vector<Rule>* const datatype = tables_.find_datatype(one.as);
    if (datatype == nullptr) return fail(one, "there is no datatype " + one.as);
    used_datatypes_.insert(one.as);
    if (is_primitive(target.kind)) return fail(one, "is a primitive and cannot hold a " + one.as);
    if (depth == datatypes_depth_max)
      return fail(one, "the datatype " + one.as + " goes in circles");
    const bool had = std::exchange(has_repetition_, true);
    const std::string outside = std::exchange(where_, one.as);
    const bool shown = std::exchange(hidden_, hidden_ || one.locates);
    for (const Rule& each : *datatype) rule(each, target.type, depth + 1);
    hidden_ = shown;
    where_ = outside;
    has_repetition_ = had;
  }

  const Tables& tables_;
  const fhir::Schema& schema_;
  Findings& findings_;
  std::string where_;            // key of the resource, or name of the datatype
  bool hidden_ = false;          // what is around is not made for people who are shielded
  bool has_repetition_ = false;  // rules are applied to a repetition of a field
  std::set<std::string, std::less<>> made_before_, used_maps_, used_datatypes_, used_templates_;
};

// Whether what is stored would not be found again.
void keep_ids(const ResourceRule& made, const ResourceRule* known, Findings& findings) {
  const auto fail = [&](std::string what) {
    findings.push_back({Severity::error, "V2MAP-3", {}, made.line, made.key, std::move(what)});
  };
  if (known == nullptr || made.extends) return;
  if (made.type != known->type) return fail("is a " + known->type + " and cannot become another");
  if (made.id == known->id) return;
  if (known->type == "Patient" || known->type == "Encounter") {
    fail("the ids of Patient and Encounter are the gateway's own");
  } else if (!made.new_ids) {
    fail(
        "would give other ids than before: a message sent again would not find what it made. "
        "Say \"newIds\": true if that is meant");
  }
}

}  // namespace

bool add_overlay(Tables& tables, std::string_view json, const fhir::Schema& schema,
                 Findings& findings) {
  const std::size_t before = findings.size();
  TableDocument document = read_tables(json, findings);
  if (findings.size() != before) return false;
  std::set<std::string, std::less<>> types;
  for (const ResourceRule& one : tables.resources()) types.insert(one.type);
  for (const auto& [key, one] : tables.templates()) types.insert(one.type);
  const auto examine = [&](const ResourceRule& one, const ResourceRule* known) {
    keep_ids(one, known, findings);
    if (one.extends || types.contains(one.type)) return;
    findings.push_back({Severity::error,
                        "V2MAP-3",
                        {},
                        one.line,
                        one.key,
                        "is of a type that messages do not leave here"});
  };
  for (const ResourceRule& one : document.resources) examine(one, tables.find_resource(one.key));
  for (const ResourceRule& one : document.templates) examine(one, tables.find_template(one.key));
  TableDocument laid = document;
  tables.lay(std::move(laid), findings);
  if (findings.size() == before) OverlayCheck{tables, schema, findings}.run(document);
  return findings.size() == before;
}

}  // namespace cpis::fhir_r4::v2
