#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "fhir/definitions/model.h"
#include "fhir/definitions/table.h"
#include "fhir/tree/arena.h"

/// Turns records of the table into the values of model.h. Lists are placed in the arena, text stays
/// in the table. The order of fields is the one of compile/records.mjs.
namespace cpis::fhir {

using ConstraintPool = std::span<const ElementConstraint>;

/// A copy of `items` that lives as long as the arena.
template <class T>
std::span<const T> keep(Arena& arena, const std::vector<T>& items) {
  if (items.empty()) return {};
  T* const place = static_cast<T*>(arena.allocate(sizeof(T) * items.size(), alignof(T)));
  std::uninitialized_copy(items.begin(), items.end(), place);
  return {place, items.size()};
}

/// One value in the arena.
template <class T>
const T* keep_one(Arena& arena, const T& item) {
  return std::construct_at(static_cast<T*>(arena.allocate(sizeof(T), alignof(T))), item);
}

ConstraintPool decode_constraints(const Table& table, Arena& arena);
StructureDefinition decode_structure(Table::Cursor record, ConstraintPool pool, Arena& arena);
CodeSystem decode_code_system(Table::Cursor record, Arena& arena);
ValueSet decode_value_set(Table::Cursor record, Arena& arena);
SearchParameterDefinition decode_search_parameter(Table::Cursor record, Arena& arena);
CompartmentDefinition decode_compartment(Table::Cursor record, Arena& arena);

}  // namespace cpis::fhir
