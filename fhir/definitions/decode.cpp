#include "fhir/definitions/decode.h"

#include <memory>

#include "fhir/definitions/errata.h"

namespace cpis::fhir {

namespace {

using Cursor = Table::Cursor;

template <class Enum>
Enum one_of(Cursor& record) {
  return static_cast<Enum>(record.number());
}

/// Reads a length and then that many items.
template <class T, class Read>
std::span<const T> list_of(Cursor& record, Arena& arena, Read read) {
  const std::size_t count = record.size();
  if (count == 0) return {};
  T* const place = static_cast<T*>(arena.allocate(sizeof(T) * count, alignof(T)));
  for (std::size_t index = 0; index < count; ++index) std::construct_at(place + index, read());
  return {place, count};
}

std::span<const std::string_view> texts(Cursor& record, Arena& arena) {
  return list_of<std::string_view>(record, arena, [&] { return record.text(); });
}

std::uint32_t maximum(Cursor& record) {
  const std::uint32_t written = record.number();
  return written == 0 ? unbounded : written - 1;
}

ElementType type_of(Cursor& record, Arena& arena) {
  ElementType type;
  type.code = record.text();
  type.profiles = texts(record, arena);
  type.target_profiles = texts(record, arena);
  type.aggregation = static_cast<std::uint8_t>(record.number());
  type.versioning = one_of<ReferenceVersioning>(record);
  type.fhir_type = record.text();
  type.regex = record.text();
  return type;
}

const ElementBinding* binding_of(Cursor& record, Arena& arena) {
  ElementBinding binding;
  binding.strength = one_of<BindingStrength>(record);
  binding.value_set = record.text();
  binding.max_value_set = record.text();
  return keep_one(arena, binding);
}

const ElementSlicing* slicing_of(Cursor& record, Arena& arena) {
  ElementSlicing slicing;
  slicing.ordered = record.flag();
  slicing.rules = one_of<SlicingRules>(record);
  slicing.discriminators = list_of<Discriminator>(record, arena, [&] {
    const auto type = one_of<DiscriminatorType>(record);
    return Discriminator{type, record.text()};
  });
  return keep_one(arena, slicing);
}

ElementValue value_of(Cursor& record) {
  ElementValue value;
  value.type = record.text();
  value.json = record.text();
  return value;
}

/// The bits that say which optional parts of an element follow; see write_element in records.mjs.
class Parts {
 public:
  explicit Parts(std::uint32_t bits) : bits_{bits} {}
  bool has(unsigned bit) const { return (bits_ >> bit & 1U) != 0; }

 private:
  std::uint32_t bits_;
};

void read_base(Cursor& record, bool own, ElementDefinition& element) {
  element.base_path = own ? record.text() : element.path;
  element.base_min = own ? record.number() : element.min;
  element.base_max = own ? maximum(record) : element.max;
}

void read_values(Cursor& record, const Parts& parts, ElementDefinition& element) {
  if (parts.has(7)) element.fixed = value_of(record);
  if (parts.has(8)) element.pattern = value_of(record);
  if (parts.has(9)) element.min_value = value_of(record);
  if (parts.has(10)) element.max_value = value_of(record);
}

ElementDefinition element_of(Cursor& record, ConstraintPool pool, Arena& arena) {
  static const ElementConstraint none{};
  ElementDefinition element;
  const Parts parts{record.number()};
  element.is_modifier = parts.has(0);
  element.must_support = parts.has(1);
  element.is_summary = parts.has(2);
  element.path = record.text();
  element.short_text = record.text();
  element.min = record.number();
  element.max = maximum(record);
  element.types = list_of<ElementType>(record, arena, [&] { return type_of(record, arena); });
  element.constraints = list_of<const ElementConstraint*>(record, arena, [&] {
    const std::uint32_t index = record.number();
    return index < pool.size() ? &pool[index] : &none;
  });
  read_base(record, parts.has(3), element);
  if (parts.has(4)) element.binding = binding_of(record, arena);
  if (parts.has(5)) element.slicing = slicing_of(record, arena);
  if (parts.has(6)) element.content_reference = record.text();
  read_values(record, parts, element);
  if (parts.has(11)) element.max_length = record.number();
  if (parts.has(12)) element.slice_name = record.text();
  element.id = parts.has(13) ? record.text() : element.path;
  if (parts.has(14)) element.representation = static_cast<std::uint8_t>(record.number());
  return element;
}

ValueSetInclude include_of(Cursor& record, Arena& arena) {
  ValueSetInclude include;
  include.system = record.text();
  include.version = record.text();
  include.concepts = list_of<ValueSetConcept>(record, arena, [&] {
    const std::string_view code = record.text();
    return ValueSetConcept{code, record.text()};
  });
  include.filters = list_of<ValueSetFilter>(record, arena, [&] {
    const std::string_view property = record.text();
    const auto op = one_of<FilterOperator>(record);
    return ValueSetFilter{property, op, record.text()};
  });
  include.value_sets = texts(record, arena);
  return include;
}

CodeSystemConcept concept_of(Cursor& record, Arena& arena) {
  CodeSystemConcept one;
  one.code = record.text();
  one.display = record.text();
  const std::uint32_t marks = record.number();
  one.abstract = (marks & 1U) != 0;
  one.inactive = (marks & 2U) != 0;
  one.parents = list_of<std::uint32_t>(record, arena, [&] { return record.number(); });
  one.properties = list_of<ConceptProperty>(record, arena, [&] {
    const std::string_view code = record.text();
    return ConceptProperty{code, record.text()};
  });
  return one;
}

}  // namespace

ConstraintPool decode_constraints(const Table& table, Arena& arena) {
  std::vector<ElementConstraint> all;
  all.reserve(table.count(Table::constraints));
  for (std::uint32_t index = 0; index < table.count(Table::constraints); ++index) {
    Cursor record = table.record(Table::constraints, index);
    ElementConstraint& constraint = all.emplace_back();
    constraint.key = record.text();
    constraint.error = record.flag();
    constraint.human = record.text();
    constraint.expression = record.text();
    constraint.source = record.text();
  }
  apply_errata(all);
  return keep(arena, all);
}

StructureDefinition decode_structure(Cursor record, ConstraintPool pool, Arena& arena) {
  StructureDefinition structure;
  structure.url = record.text();
  structure.id = record.text();
  structure.name = record.text();
  structure.title = record.text();
  structure.version = record.text();
  structure.status = one_of<PublicationStatus>(record);
  structure.kind = one_of<StructureKind>(record);
  structure.abstract = record.flag();
  structure.type = record.text();
  structure.base = record.text();
  structure.derivation = one_of<Derivation>(record);
  structure.contexts = list_of<StructureContext>(record, arena, [&] {
    const auto type = one_of<ContextType>(record);
    return StructureContext{type, record.text()};
  });
  structure.context_invariants = texts(record, arena);
  structure.elements =
      list_of<ElementDefinition>(record, arena, [&] { return element_of(record, pool, arena); });
  return structure;
}

CodeSystem decode_code_system(Cursor record, Arena& arena) {
  CodeSystem system;
  system.url = record.text();
  system.version = record.text();
  system.name = record.text();
  system.title = record.text();
  system.status = one_of<PublicationStatus>(record);
  system.content = one_of<CodeSystemContent>(record);
  system.case_sensitive = record.flag();
  system.compositional = record.flag();
  system.hierarchy = one_of<HierarchyMeaning>(record);
  system.value_set = record.text();
  system.supplements = record.text();
  system.concepts =
      list_of<CodeSystemConcept>(record, arena, [&] { return concept_of(record, arena); });
  return system;
}

ValueSet decode_value_set(Cursor record, Arena& arena) {
  ValueSet set;
  set.url = record.text();
  set.version = record.text();
  set.name = record.text();
  set.title = record.text();
  set.status = one_of<PublicationStatus>(record);
  set.inactive = record.flag();
  set.includes = list_of<ValueSetInclude>(record, arena, [&] { return include_of(record, arena); });
  set.excludes = list_of<ValueSetInclude>(record, arena, [&] { return include_of(record, arena); });
  return set;
}

SearchParameterDefinition decode_search_parameter(Cursor record, Arena& arena) {
  SearchParameterDefinition parameter;
  parameter.url = record.text();
  parameter.version = "4.0.1";
  parameter.code = record.text();
  parameter.name = record.text();
  parameter.type = one_of<SearchType>(record);
  parameter.bases = texts(record, arena);
  parameter.expression = record.text();
  parameter.targets = texts(record, arena);
  parameter.comparators = static_cast<std::uint16_t>(record.number());
  parameter.modifiers = static_cast<std::uint16_t>(record.number());
  parameter.multiple_or = record.flag();
  parameter.multiple_and = record.flag();
  parameter.components = list_of<SearchComponent>(record, arena, [&] {
    const std::string_view definition = record.text();
    return SearchComponent{definition, record.text()};
  });
  return parameter;
}

CompartmentDefinition decode_compartment(Cursor record, Arena& arena) {
  CompartmentDefinition compartment;
  compartment.url = record.text();
  compartment.code = record.text();
  compartment.resources = list_of<CompartmentResource>(record, arena, [&] {
    const std::string_view type = record.text();
    return CompartmentResource{type, texts(record, arena)};
  });
  return compartment;
}

}  // namespace cpis::fhir
