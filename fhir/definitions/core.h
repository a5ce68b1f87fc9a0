#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/decode.h"
#include "fhir/definitions/model.h"
#include "fhir/definitions/table.h"
#include "fhir/definitions/type_table.h"
#include "fhir/tree/arena.h"

namespace cpis::fhir {

/// FHIR R4 from the embedded table, decoded record by record when first asked for. One object for
/// the program; safe to use from many threads.
class CoreDefinitions {
 public:
  static const CoreDefinitions& instance();

  const TypeTable& types() const { return *types_; }
  /// By canonical url without version.
  const StructureDefinition* structure(std::string_view url) const;
  const ValueSet* value_set(std::string_view url) const;
  const CodeSystem* code_system(std::string_view url) const;
  const SearchParameterDefinition* search_parameter(std::string_view url) const;
  std::vector<const SearchParameterDefinition*> search_parameters() const;
  std::vector<const StructureDefinition*> structures() const;
  std::vector<const ValueSet*> value_sets() const;
  const CompartmentDefinition* compartment(std::string_view type_name) const;

 private:
  template <class T>
  using Slots = std::unique_ptr<std::atomic<const T*>[]>;

  CoreDefinitions();
  template <class T>
  Slots<T> slots(Table::Section section) const;
  void index_structures();
  std::optional<std::uint32_t> position(Table::Section section, std::string_view url) const;
  template <class T, class Decode>
  const T* get(const Slots<T>& slots, Table::Section section, std::uint32_t index,
               Decode decode) const;
  const StructureDefinition* structure_at(std::uint32_t index) const;
  const ValueSet* value_set_at(std::uint32_t index) const;
  const CodeSystem* code_system_at(std::uint32_t index) const;
  const SearchParameterDefinition* search_parameter_at(std::uint32_t index) const;
  const CompartmentDefinition* compartment_at(std::uint32_t index) const;
  std::vector<const StructureDefinition*> base_structures() const;

  Table table_;
  mutable std::mutex mutex_;  ///< guards arena_ and decoding
  mutable Arena arena_;
  ConstraintPool constraints_;
  std::unordered_map<std::string_view, std::uint32_t> structure_positions_;  ///< by url
  Slots<StructureDefinition> structures_;
  Slots<ValueSet> value_sets_;
  Slots<CodeSystem> code_systems_;
  Slots<SearchParameterDefinition> search_parameters_;
  Slots<CompartmentDefinition> compartments_;
  std::unique_ptr<TypeTable> types_;
};

}  // namespace cpis::fhir
