#include "fhir/definitions/core.h"

#include <stdexcept>

namespace cpis::fhir {

namespace {

Table open_embedded() {
  const auto table = Table::open(embedded_r4_table());
  if (!table) throw std::logic_error("the built-in FHIR definitions are damaged");
  return *table;
}

}  // namespace

const CoreDefinitions& CoreDefinitions::instance() {
  static const CoreDefinitions core;
  return core;
}

CoreDefinitions::CoreDefinitions()
    : table_{open_embedded()},
      constraints_{decode_constraints(table_, arena_)},
      structures_{slots<StructureDefinition>(Table::structures)},
      value_sets_{slots<ValueSet>(Table::value_sets)},
      code_systems_{slots<CodeSystem>(Table::code_systems)},
      search_parameters_{slots<SearchParameterDefinition>(Table::search_parameters)},
      compartments_{slots<CompartmentDefinition>(Table::compartments)},
      types_{std::make_unique<TypeTable>(base_structures())} {
  index_structures();
}

/// Validators ask for structures with every extension they meet.
void CoreDefinitions::index_structures() {
  const std::uint32_t count = table_.count(Table::structures);
  structure_positions_.reserve(count);
  for (std::uint32_t index = 0; index < count; ++index) {
    structure_positions_.emplace(table_.record(Table::structures, index).text(), index);
  }
}

template <class T>
CoreDefinitions::Slots<T> CoreDefinitions::slots(Table::Section section) const {
  return std::make_unique<std::atomic<const T*>[]>(table_.count(section));
}

std::vector<const StructureDefinition*> CoreDefinitions::base_structures() const {
  std::vector<const StructureDefinition*> bases;
  for (std::uint32_t index = 0; index < table_.count(Table::structures); ++index) {
    Table::Cursor record = table_.record(Table::structures, index);
    for (int field = 0; field < 5; ++field) record.number();  // url, id, name, title, version
    record.number();                                          // status
    const auto kind = static_cast<StructureKind>(record.number());
    record.number();  // abstract
    record.number();  // type
    record.number();  // base
    if (static_cast<Derivation>(record.number()) == Derivation::constraint) continue;
    if (kind != StructureKind::logical) bases.push_back(structure_at(index));
  }
  return bases;
}

std::optional<std::uint32_t> CoreDefinitions::position(Table::Section section,
                                                       std::string_view url) const {
  std::uint32_t low = 0;
  std::uint32_t high = table_.count(section);
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const std::string_view here = table_.record(section, middle).text();
    if (here == url) return middle;
    if (here < url) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

template <class T, class Decode>
const T* CoreDefinitions::get(const Slots<T>& slots, Table::Section section, std::uint32_t index,
                              Decode decode) const {
  if (const T* known = slots[index].load(std::memory_order_acquire)) return known;
  const std::lock_guard lock{mutex_};
  if (const T* known = slots[index].load(std::memory_order_relaxed)) return known;
  const T* const made = keep_one(arena_, decode(table_.record(section, index)));
  slots[index].store(made, std::memory_order_release);
  return made;
}

const StructureDefinition* CoreDefinitions::structure_at(std::uint32_t index) const {
  return get(structures_, Table::structures, index,
             [&](Table::Cursor record) { return decode_structure(record, constraints_, arena_); });
}

const ValueSet* CoreDefinitions::value_set_at(std::uint32_t index) const {
  return get(value_sets_, Table::value_sets, index,
             [&](Table::Cursor record) { return decode_value_set(record, arena_); });
}

const CodeSystem* CoreDefinitions::code_system_at(std::uint32_t index) const {
  return get(code_systems_, Table::code_systems, index,
             [&](Table::Cursor record) { return decode_code_system(record, arena_); });
}

const SearchParameterDefinition* CoreDefinitions::search_parameter_at(std::uint32_t index) const {
  return get(search_parameters_, Table::search_parameters, index,
             [&](Table::Cursor record) { return decode_search_parameter(record, arena_); });
}

const CompartmentDefinition* CoreDefinitions::compartment_at(std::uint32_t index) const {
  return get(compartments_, Table::compartments, index,
             [&](Table::Cursor record) { return decode_compartment(record, arena_); });
}

const StructureDefinition* CoreDefinitions::structure(std::string_view url) const {
  const auto known = structure_positions_.find(url);
  return known == structure_positions_.end() ? nullptr : structure_at(known->second);
}

const ValueSet* CoreDefinitions::value_set(std::string_view url) const {
  const auto index = position(Table::value_sets, url);
  return index ? value_set_at(*index) : nullptr;
}

const CodeSystem* CoreDefinitions::code_system(std::string_view url) const {
  const auto index = position(Table::code_systems, url);
  return index ? code_system_at(*index) : nullptr;
}

const SearchParameterDefinition* CoreDefinitions::search_parameter(std::string_view url) const {
  const auto index = position(Table::search_parameters, url);
  return index ? search_parameter_at(*index) : nullptr;
}

std::vector<const SearchParameterDefinition*> CoreDefinitions::search_parameters() const {
  std::vector<const SearchParameterDefinition*> all;
  for (std::uint32_t index = 0; index < table_.count(Table::search_parameters); ++index) {
    all.push_back(search_parameter_at(index));
  }
  return all;
}

std::vector<const StructureDefinition*> CoreDefinitions::structures() const {
  std::vector<const StructureDefinition*> all;
  for (std::uint32_t index = 0; index < table_.count(Table::structures); ++index) {
    all.push_back(structure_at(index));
  }
  return all;
}

std::vector<const ValueSet*> CoreDefinitions::value_sets() const {
  std::vector<const ValueSet*> all;
  for (std::uint32_t index = 0; index < table_.count(Table::value_sets); ++index) {
    all.push_back(value_set_at(index));
  }
  return all;
}

const CompartmentDefinition* CoreDefinitions::compartment(std::string_view type_name) const {
  for (std::uint32_t index = 0; index < table_.count(Table::compartments); ++index) {
    const CompartmentDefinition* const one = compartment_at(index);
    if (one->code == type_name) return one;
  }
  return nullptr;
}

}  // namespace cpis::fhir
