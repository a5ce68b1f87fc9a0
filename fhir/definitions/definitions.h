#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "fhir/definitions/model.h"
#include "fhir/definitions/package.h"
#include "fhir/definitions/type_table.h"
#include "fhir/issues.h"

namespace cpis::fhir {

/// All definitions somebody works with: FHIR R4 4.0.1 and, above it, the packages that were loaded.
/// Immutable once made and safe to share between threads; what is asked for is decoded on first
/// use. Everything handed out lives as long as this object, R4's own until the program ends.
///
/// Canonicals may carry `|version`. The definition of that version is preferred; when there is
/// none, another version of the same url is returned, and the caller can see which by its
/// `version`. A later package goes before an earlier one, and each before R4, except that the types
/// and profiles of FHIR itself cannot be replaced.
class Definitions {
 public:
  /// R4 alone.
  Definitions();
  /// R4 and packages. Snapshots that a package does not bring are generated here; a profile whose
  /// base is unknown, or that contains itself, is reported and has no elements.
  Definitions(std::vector<Package> packages, Issues& issues);
  ~Definitions();
  Definitions(Definitions&&) noexcept;
  Definitions& operator=(Definitions&&) noexcept;

  /// R4 alone, made at the first call.
  static const Definitions& r4();

  const TypeTable& types() const;

  /// By canonical url; null when unknown.
  const StructureDefinition* structure(std::string_view canonical) const;
  /// The definition of a type of FHIR itself: `Patient`, `string`.
  const StructureDefinition* type(std::string_view type_name) const;
  const ValueSet* value_set(std::string_view canonical) const;
  const CodeSystem* code_system(std::string_view canonical) const;
  const SearchParameterDefinition* search_parameter(std::string_view canonical) const;
  const CompartmentDefinition* compartment(std::string_view type_name) const;

  /// Everything the packages brought, in order of loading.
  std::vector<const StructureDefinition*> package_structures() const;

  /// What a query may use on this resource type, sorted by code, those of Resource and
  /// DomainResource included. Empty for an unknown type.
  std::span<const SearchParameterDefinition* const> search_parameters(
      std::string_view resource_type) const;
  /// The one with this code, or null.
  const SearchParameterDefinition* search_parameter(std::string_view resource_type,
                                                    std::string_view code) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir
