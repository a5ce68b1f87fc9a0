#include "fhir/definitions/resource_reader.h"

#include <charconv>
#include <string>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/decode.h"
#include "fhir/definitions/names.h"
#include "fhir/json/writer.h"

namespace cpis::fhir {

namespace {

constexpr std::string_view extension_base = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::uint32_t no_parent = 0xFFFFFFFFU;
constexpr std::size_t expansion_depth_max = 64;

std::uint32_t to_number(std::string_view text, std::uint32_t otherwise) {
  std::uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? value : otherwise;
}

/// The value of an extension or of a concept property, whatever its type.
std::string_view chosen_value(const Element& from) {
  const Element* const value = from.choice("value");
  if (value == nullptr) return {};
  return value->primitive() ? value->value() : value->value_of("code");
}

/// `fixedUri` holds a `uri`, `fixedCodeableConcept` a `CodeableConcept`.
std::string type_name(const Element& value, std::string_view prefix) {
  std::string name{value.name().substr(prefix.size())};
  if (value.primitive() && !name.empty() && name[0] >= 'A' && name[0] <= 'Z') {
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
  }
  return name;
}

}  // namespace

void ResourceReader::complain(const Element& at, std::string_view what) {
  Issue issue;
  issue.severity = Severity::warning;
  issue.code = IssueCode::code_invalid;
  issue.path = path_of(at);
  issue.line = at.line();
  issue.column = at.column();
  issue.rule = "definition-code";
  issue.diagnostics = std::string{what};
  issues_->add(std::move(issue));
}

template <class Enum>
Enum ResourceReader::code(const Element& parent, std::string_view name, Enum otherwise) {
  const Element* const found = parent.first(name);
  if (found == nullptr) return otherwise;
  const auto value = from_code<Enum>(found->value());
  if (!value) complain(*found, "FHIR R4 has no such code here");
  return value.value_or(otherwise);
}

std::string_view ResourceReader::text(const Element& parent, std::string_view name) {
  return arena_->copy(parent.value_of(name));
}

std::span<const std::string_view> ResourceReader::texts(const Element& parent,
                                                        std::string_view name) {
  std::vector<std::string_view> all;
  for (const Element& one : parent.children(name)) all.push_back(arena_->copy(one.value()));
  return keep(*arena_, all);
}

bool ResourceReader::yes(const Element& parent, std::string_view name, bool otherwise) {
  const Element* const found = parent.first(name);
  return found == nullptr ? otherwise : found->value() == "true";
}

std::uint32_t ResourceReader::count(const Element& parent, std::string_view name) {
  return to_number(parent.value_of(name), 0);
}

std::uint32_t ResourceReader::maximum(const Element& parent, std::string_view name) {
  return to_number(parent.value_of(name), unbounded);
}

std::string_view ResourceReader::extension_text(const Element& parent, std::string_view url) {
  for (const Element& extension : parent.children("extension")) {
    const std::string_view here = extension.value_of("url");
    if (here.starts_with(extension_base) && here.substr(extension_base.size()) == url) {
      return arena_->copy(chosen_value(extension));
    }
  }
  return {};
}

StructureContext ResourceReader::context(const Element& from) {
  return {code(from, "type", ContextType::element), text(from, "expression")};
}

StructureSource ResourceReader::structure(const Element& resource) {
  StructureSource source;
  StructureDefinition& structure = source.structure;
  structure.url = text(resource, "url");
  structure.id = text(resource, "id");
  structure.name = text(resource, "name");
  structure.title = text(resource, "title");
  structure.version = text(resource, "version");
  structure.status = code(resource, "status", PublicationStatus::unknown);
  structure.kind = code(resource, "kind", StructureKind::complex_type);
  structure.abstract = yes(resource, "abstract");
  structure.type = text(resource, "type");
  structure.base = text(resource, "baseDefinition");
  structure.derivation = code(resource, "derivation", Derivation::none);
  structure.context_invariants = texts(resource, "contextInvariant");
  std::vector<StructureContext> contexts;
  for (const Element& one : resource.children("context")) contexts.push_back(context(one));
  structure.contexts = keep(*arena_, contexts);

  std::vector<ElementDefinition> elements;
  if (const Element* const snapshot = resource.first("snapshot")) {
    for (const Element& one : snapshot->children("element")) {
      elements.push_back(element(one, structure.url).element);
    }
  }
  structure.elements = keep(*arena_, elements);
  std::vector<DifferentialElement> changes;
  if (const Element* const differential = resource.first("differential")) {
    for (const Element& one : differential->children("element")) {
      changes.push_back(element(one, structure.url));
    }
  }
  source.differential = keep(*arena_, changes);
  return source;
}

DifferentialElement ResourceReader::element(const Element& from, std::string_view structure_url) {
  DifferentialElement said;
  ElementDefinition& into = said.element;
  into.path = text(from, "path");
  into.id = text(from, "id");
  into.slice_name = text(from, "sliceName");
  into.short_text = text(from, "short");
  said.says_min = from.first("min") != nullptr;
  said.says_max = from.first("max") != nullptr;
  into.min = count(from, "min");
  into.max = maximum(from, "max");
  read_base(from, into);
  std::vector<ElementType> types;
  for (const Element& one : from.children("type")) types.push_back(type(one));
  into.types = keep(*arena_, types);
  std::vector<const ElementConstraint*> constraints;
  for (const Element& one : from.children("constraint")) {
    constraints.push_back(constraint(one, structure_url));
  }
  into.constraints = keep(*arena_, constraints);
  if (const Element* const one = from.first("binding")) into.binding = binding(*one);
  if (const Element* const one = from.first("slicing")) into.slicing = slicing(*one);
  into.content_reference = text(from, "contentReference");
  into.fixed = value(from, "fixed");
  into.pattern = value(from, "pattern");
  into.min_value = value(from, "minValue");
  into.max_value = value(from, "maxValue");
  into.max_length = count(from, "maxLength");
  said.says_modifier = from.first("isModifier") != nullptr;
  said.says_must_support = from.first("mustSupport") != nullptr;
  said.says_summary = from.first("isSummary") != nullptr;
  into.is_modifier = yes(from, "isModifier");
  into.must_support = yes(from, "mustSupport");
  into.is_summary = yes(from, "isSummary");
  for (const Element& one : from.children("representation")) {
    if (one.value() == "xmlAttr") into.representation |= representation_xml_attribute;
    if (one.value() == "xhtml") into.representation |= representation_xhtml;
  }
  return said;
}

void ResourceReader::read_base(const Element& from, ElementDefinition& into) {
  into.base_path = into.path;
  into.base_min = into.min;
  into.base_max = into.max;
  const Element* const base = from.first("base");
  if (base == nullptr) return;
  into.base_path = text(*base, "path");
  into.base_min = count(*base, "min");
  into.base_max = maximum(*base, "max");
}

ElementType ResourceReader::type(const Element& from) {
  ElementType type;
  type.code = text(from, "code");
  type.profiles = texts(from, "profile");
  type.target_profiles = texts(from, "targetProfile");
  for (const Element& one : from.children("aggregation")) {
    if (one.value() == "contained") type.aggregation |= aggregation_contained;
    if (one.value() == "referenced") type.aggregation |= aggregation_referenced;
    if (one.value() == "bundled") type.aggregation |= aggregation_bundled;
  }
  type.versioning = code(from, "versioning", ReferenceVersioning::unsaid);
  type.fhir_type = extension_text(from, "structuredefinition-fhir-type");
  type.regex = extension_text(from, "regex");
  return type;
}

const ElementBinding* ResourceReader::binding(const Element& from) {
  ElementBinding binding;
  binding.strength = code(from, "strength", BindingStrength::example);
  binding.value_set = text(from, "valueSet");
  binding.max_value_set = extension_text(from, "elementdefinition-maxValueSet");
  return keep_one(*arena_, binding);
}

const ElementSlicing* ResourceReader::slicing(const Element& from) {
  ElementSlicing slicing;
  slicing.ordered = yes(from, "ordered");
  slicing.rules = code(from, "rules", SlicingRules::open);
  std::vector<Discriminator> discriminators;
  for (const Element& one : from.children("discriminator")) {
    discriminators.push_back({code(one, "type", DiscriminatorType::value), text(one, "path")});
  }
  slicing.discriminators = keep(*arena_, discriminators);
  return keep_one(*arena_, slicing);
}

const ElementConstraint* ResourceReader::constraint(const Element& from,
                                                    std::string_view structure_url) {
  ElementConstraint constraint;
  constraint.key = text(from, "key");
  constraint.error = from.value_of("severity") != "warning";
  constraint.human = text(from, "human");
  constraint.expression = text(from, "expression");
  constraint.source = text(from, "source");
  if (constraint.source.empty()) constraint.source = structure_url;
  constraint.best_practice = extension_text(from, "elementdefinition-bestpractice") == "true";
  return keep_one(*arena_, constraint);
}

ElementValue ResourceReader::value(const Element& from, std::string_view prefix) {
  const Element* const found = from.choice(prefix);
  if (found == nullptr) return {};
  std::string json;
  if (!found->primitive() || found->kind() == Kind::null) {
    json = json::write(*found, {false, schema_});
  } else if (found->kind() == Kind::string) {
    json::write_string(json, found->value());
  } else {
    json = found->value();
  }
  return {arena_->copy(type_name(*found, prefix)), arena_->copy(json)};
}

ValueSetInclude ResourceReader::include(const Element& from) {
  ValueSetInclude include;
  include.system = text(from, "system");
  include.version = text(from, "version");
  std::vector<ValueSetConcept> concepts;
  for (const Element& one : from.children("concept")) {
    concepts.push_back({text(one, "code"), text(one, "display")});
  }
  include.concepts = keep(*arena_, concepts);
  std::vector<ValueSetFilter> filters;
  for (const Element& one : from.children("filter")) {
    filters.push_back(
        {text(one, "property"), code(one, "op", FilterOperator::equals), text(one, "value")});
  }
  include.filters = keep(*arena_, filters);
  include.value_sets = texts(from, "valueSet");
  return include;
}

void ResourceReader::add_contains(const Element& parent, std::vector<ExpandedConcept>& concepts,
                                  std::size_t depth) {
  if (depth > expansion_depth_max) return complain(parent, "an expansion nested too deeply");
  for (const Element& one : parent.children("contains")) {
    if (one.first("code") != nullptr) {
      concepts.push_back({text(one, "system"), text(one, "code"), text(one, "display"),
                          yes(one, "abstract"), yes(one, "inactive")});
    }
    add_contains(one, concepts, depth + 1);
  }
}

ValueSet ResourceReader::value_set(const Element& resource) {
  ValueSet set;
  set.url = text(resource, "url");
  set.version = text(resource, "version");
  set.name = text(resource, "name");
  set.title = text(resource, "title");
  set.status = code(resource, "status", PublicationStatus::unknown);
  if (const Element* const compose = resource.first("compose")) {
    set.inactive = yes(*compose, "inactive", true);
    std::vector<ValueSetInclude> includes;
    for (const Element& one : compose->children("include")) includes.push_back(include(one));
    set.includes = keep(*arena_, includes);
    std::vector<ValueSetInclude> excludes;
    for (const Element& one : compose->children("exclude")) excludes.push_back(include(one));
    set.excludes = keep(*arena_, excludes);
  }
  if (const Element* const expansion = resource.first("expansion")) {
    std::vector<ExpandedConcept> concepts;
    add_contains(*expansion, concepts, 0);
    set.expansion = keep(*arena_, concepts);
    const bool whole = count(*expansion, "offset") == 0 &&
                       extension_text(*expansion, "valueset-toocostly").empty();
    const Element* const total = expansion->first("total");
    set.expansion_complete =
        whole && (total == nullptr || count(*expansion, "total") <= concepts.size());
  }
  return set;
}

CodeSystemConcept ResourceReader::concept_of(const Element& from) {
  CodeSystemConcept one;
  one.code = text(from, "code");
  one.display = text(from, "display");
  std::vector<ConceptProperty> properties;
  for (const Element& property : from.children("property")) {
    const std::string_view name = property.value_of("code");
    const std::string_view value = chosen_value(property);
    if ((name == "notSelectable" || name == "abstract") && value == "true") one.abstract = true;
    if (name == "inactive" && value == "true") one.inactive = true;
    if (name == "status" && (value == "retired" || value == "deprecated" || value == "withdrawn")) {
      one.inactive = true;
    }
    properties.push_back({arena_->copy(name), arena_->copy(value)});
  }
  one.properties = keep(*arena_, properties);
  return one;
}

void ResourceReader::add_concepts(const Element& parent, std::uint32_t parent_index,
                                  std::vector<CodeSystemConcept>& concepts) {
  // The readers bound the depth of the tree, and with it this recursion.
  for (const Element& one : parent.children("concept")) {
    const auto own = static_cast<std::uint32_t>(concepts.size());
    concepts.push_back(concept_of(one));
    if (parent_index != no_parent) {
      concepts.back().parents = keep(*arena_, std::vector<std::uint32_t>{parent_index});
    }
    add_concepts(one, own, concepts);
  }
}

/// Some systems say their hierarchy by properties instead of, or besides, nesting.
void ResourceReader::link_parents(const Element& resource,
                                  std::vector<CodeSystemConcept>& concepts) {
  if (resource.first("concept") == nullptr) return;
  std::unordered_map<std::string_view, std::uint32_t> positions;
  for (std::uint32_t index = 0; index < concepts.size(); ++index) {
    positions.emplace(concepts[index].code, index);
  }
  const auto link = [&](std::uint32_t child, std::uint32_t parent) {
    std::vector<std::uint32_t> parents(concepts[child].parents.begin(),
                                       concepts[child].parents.end());
    if (std::ranges::find(parents, parent) != parents.end()) return;
    parents.push_back(parent);
    concepts[child].parents = keep(*arena_, parents);
  };
  for (std::uint32_t own = 0; own < concepts.size(); ++own) {
    for (const ConceptProperty& property : concepts[own].properties) {
      const auto other = positions.find(property.value);
      if (other == positions.end() || other->second == own) continue;
      if (property.code == "child") link(other->second, own);
      if (property.code == "parent" || property.code == "subsumedBy") link(own, other->second);
    }
  }
}

CodeSystem ResourceReader::code_system(const Element& resource) {
  CodeSystem system;
  system.url = text(resource, "url");
  system.version = text(resource, "version");
  system.name = text(resource, "name");
  system.title = text(resource, "title");
  system.status = code(resource, "status", PublicationStatus::unknown);
  system.content = code(resource, "content", CodeSystemContent::fragment);
  system.case_sensitive = yes(resource, "caseSensitive", true);
  system.compositional = yes(resource, "compositional");
  system.hierarchy = code(resource, "hierarchyMeaning", HierarchyMeaning::unsaid);
  system.value_set = text(resource, "valueSet");
  system.supplements = text(resource, "supplements");
  std::vector<CodeSystemConcept> concepts;
  add_concepts(resource, no_parent, concepts);
  link_parents(resource, concepts);
  system.concepts = keep(*arena_, concepts);
  return system;
}

SearchComponent ResourceReader::component(const Element& from) {
  return {text(from, "definition"), text(from, "expression")};
}

SearchParameterDefinition ResourceReader::search_parameter(const Element& resource) {
  SearchParameterDefinition parameter;
  parameter.url = text(resource, "url");
  parameter.version = text(resource, "version");
  parameter.code = text(resource, "code");
  parameter.name = text(resource, "name");
  parameter.type = code(resource, "type", SearchType::special);
  parameter.bases = texts(resource, "base");
  parameter.expression = text(resource, "expression");
  parameter.targets = texts(resource, "target");
  for (const Element& one : resource.children("comparator")) {
    const auto comparator = from_code<SearchComparator>(one.value());
    if (!comparator) complain(one, "FHIR R4 has no such comparator");
    if (comparator) {
      parameter.comparators |= static_cast<std::uint16_t>(1U << static_cast<unsigned>(*comparator));
    }
  }
  for (const Element& one : resource.children("modifier")) {
    const auto modifier = from_code<SearchModifier>(one.value());
    if (!modifier) complain(one, "FHIR R4 has no such modifier");
    if (modifier) {
      parameter.modifiers |= static_cast<std::uint16_t>(1U << static_cast<unsigned>(*modifier));
    }
  }
  parameter.multiple_or = yes(resource, "multipleOr", true);
  parameter.multiple_and = yes(resource, "multipleAnd", true);
  std::vector<SearchComponent> components;
  for (const Element& one : resource.children("component")) components.push_back(component(one));
  parameter.components = keep(*arena_, components);
  return parameter;
}

}  // namespace cpis::fhir
