#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/core/result.h"

namespace cpis::fhir_r4::v2 {

/// What an event was understood to mean, as a source names it (mapper.cpp).
inline constexpr std::array<std::string_view, 20> fact_names{
    "@birth_date",   "@class",        "@class_sent", "@control_id", "@deceased",
    "@died",         "@encounter_id", "@ended",      "@message",    "@occurred",
    "@organisation", "@patient_id",   "@recorded",   "@scope",      "@sender",
    "@sex",          "@site",         "@started",    "@state",      "@trigger"};

/// Where a rule takes its value from.
///
///     source := segment "-" field [ "." component [ "." sub ] ]     PID-5.1
///             | component [ "." sub ]        of the repetition at hand, 1.1
///             | "@" name                     a fact of the event, @state
struct Source {
  enum class Kind : std::uint8_t { none, segment, component, fact };
  Kind kind = Kind::none;
  std::string name;  ///< segment or fact
  std::size_t field = 0;
  std::size_t component = 1;
  std::size_t subcomponent = 1;
  bool whole = true;  ///< no component was named

  static std::optional<Source> parse(std::string_view text);
  friend bool operator==(const Source&, const Source&) = default;
};

struct Condition {
  Source from;
  enum class Test : std::uint8_t { present, absent, in, not_in, starts_with };
  Test test = Test::present;
  std::vector<std::string> values;
};

struct Coding {
  std::string system, code, display;
};

/// One step of a target path; `many` (`name[]`) means an array.
struct Step {
  std::string name;
  bool many = false;
  friend bool operator==(const Step&, const Step&) = default;
};

/// One value of a resource or datatype.
struct Rule {
  std::vector<Step> to;
  Source from;
  std::string as = "string";     ///< primitive, built-in datatype, or the name of a datatype table
  std::string map;               ///< concept map the value goes through
  std::string value;             ///< a fixed value
  std::optional<Coding> coding;  ///< a fixed CodeableConcept
  std::string reference;         ///< key of a resource of this bundle; `*` for all
  std::string make;              ///< template of a resource made from the repetition at hand
  bool locates = false;          ///< tells where a person lives or is registered: not when shielded
  std::string before;     ///< when it extends a resource: stands before the rules for this element
  bool required = false;  ///< without it the datatype it belongs to is left out
  bool replaces = false;  ///< as written: stands in place of the rules that have the same `to`
  std::vector<Condition> when;
  std::size_t line = 0;  ///< of its document
};

/// How one resource is made: from a segment, from an event, or as a template from a field.
struct ResourceRule {
  std::string key;  ///< how others refer to it, or the template's name
  std::string type;
  std::string segment;  ///< one resource for each; empty: one for the message
  bool locates = false;
  std::vector<Source> id;  ///< hashed; a single fact stands for itself
  std::vector<Condition> when;
  std::vector<Rule> rules;
  bool extends = false;  ///< as written: its rules are added to the resource of that key
  bool new_ids = false;  ///< as written: other ids than before are meant
  std::size_t line = 0;  ///< of its document
};

struct MappedCode {
  std::string system, code, display;
};
struct ConceptMap {
  std::string system;                                    ///< of rows that name none
  std::map<std::string, MappedCode, std::less<>> codes;  ///< keys in capitals
  std::optional<MappedCode> otherwise;
};

struct TableDocument;

/// The v2-to-FHIR tables: what maps to what, as data. Immutable once read; share as const.
class Tables {
 public:
  /// Adds one document of tables. Later documents win: a concept map's codes are merged one by one,
  /// a datatype, template or resource of the same name is replaced whole, and `extend` adds rules
  /// to a resource that is there. An error names line and entry; then the tables are not to be
  /// used. What a site brings goes through `add_overlay` (overlay.h), which checks more.
  Status add(std::string_view json);
  /// The same with a document that was read.
  void lay(TableDocument&& document, Findings& findings);

  /// The row for a code (in capitals), or the map's `otherwise`; null when there is neither.
  const MappedCode* find_code(std::string_view map, std::string_view code) const;
  const std::vector<Rule>* find_datatype(std::string_view name) const;
  const ResourceRule* find_template(std::string_view name) const;
  const ResourceRule* find_resource(std::string_view key) const;
  const std::vector<ResourceRule>& resources() const { return resources_; }
  const std::map<std::string, ConceptMap, std::less<>>& maps() const { return maps_; }
  const std::map<std::string, std::vector<Rule>, std::less<>>& datatypes() const {
    return datatypes_;
  }
  const std::map<std::string, ResourceRule, std::less<>>& templates() const { return templates_; }

 private:
  static void lay(ConceptMap&& rows, ConceptMap& known);

  std::map<std::string, ConceptMap, std::less<>> maps_;
  std::map<std::string, std::vector<Rule>, std::less<>> datatypes_;
  std::map<std::string, ResourceRule, std::less<>> templates_;
  std::vector<ResourceRule> resources_;
};

}  // namespace cpis::fhir_r4::v2
