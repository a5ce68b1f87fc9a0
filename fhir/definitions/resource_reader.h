#pragma once

#include <span>
#include <string_view>

#include "fhir/definitions/model.h"
#include "fhir/issues.h"
#include "fhir/tree/arena.h"
#include "fhir/tree/element.h"
#include "fhir/tree/schema.h"

namespace cpis::fhir {

/// An element of a differential. What it does not say it inherits; these tell a said 0 or false
/// from silence. Empty text and empty lists of `element` were not said.
struct DifferentialElement {
  ElementDefinition element;
  bool says_min = false;
  bool says_max = false;
  bool says_must_support = false;
  bool says_modifier = false;
  bool says_summary = false;
};

/// A StructureDefinition as its author wrote it. `structure.elements` is the author's snapshot and
/// may be empty.
struct StructureSource {
  StructureDefinition structure;
  std::span<const DifferentialElement> differential;
};

/// Turns definition resources (trees, from JSON or XML) into the values of model.h. All text is
/// copied into the arena, so the tree may go. Codes that FHIR does not know are reported and read
/// as the weakest meaning. For one thread.
class ResourceReader {
 public:
  /// The schema says how a fixed value is written; both must outlive the reader.
  ResourceReader(Arena& arena, const Schema& schema, Issues& issues)
      : arena_{&arena}, schema_{&schema}, issues_{&issues} {}

  StructureSource structure(const Element& resource);
  ValueSet value_set(const Element& resource);
  CodeSystem code_system(const Element& resource);
  SearchParameterDefinition search_parameter(const Element& resource);

 private:
  template <class Enum>
  Enum code(const Element& parent, std::string_view name, Enum otherwise);
  std::string_view text(const Element& parent, std::string_view name);
  std::span<const std::string_view> texts(const Element& parent, std::string_view name);
  bool yes(const Element& parent, std::string_view name, bool otherwise = false);
  std::uint32_t count(const Element& parent, std::string_view name);
  std::uint32_t maximum(const Element& parent, std::string_view name);
  std::string_view extension_text(const Element& parent, std::string_view url);
  void complain(const Element& at, std::string_view what);

  DifferentialElement element(const Element& from, std::string_view structure_url);
  void read_base(const Element& from, ElementDefinition& into);
  ElementType type(const Element& from);
  const ElementBinding* binding(const Element& from);
  const ElementSlicing* slicing(const Element& from);
  const ElementConstraint* constraint(const Element& from, std::string_view structure_url);
  ElementValue value(const Element& from, std::string_view prefix);
  StructureContext context(const Element& from);
  ValueSetInclude include(const Element& from);
  void add_concepts(const Element& parent, std::uint32_t parent_index,
                    std::vector<CodeSystemConcept>& concepts);
  CodeSystemConcept concept_of(const Element& from);
  void link_parents(const Element& resource, std::vector<CodeSystemConcept>& concepts);
  void add_contains(const Element& parent, std::vector<ExpandedConcept>& concepts,
                    std::size_t depth);
  SearchComponent component(const Element& from);

  Arena* arena_;
  const Schema* schema_;
  Issues* issues_;
};

}  // namespace cpis::fhir
