#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "fhir/definitions/model.h"

/// The codes of the definition enums as FHIR writes them, each spelled once, in enum order.
namespace cpis::fhir {

template <class Enum>
struct CodeNames;

template <>
struct CodeNames<PublicationStatus> {
  static constexpr std::array<std::string_view, 4> names{"draft", "active", "retired", "unknown"};
};
template <>
struct CodeNames<StructureKind> {
  static constexpr std::array<std::string_view, 4> names{"primitive-type", "complex-type",
                                                         "resource", "logical"};
};
template <>
struct CodeNames<Derivation> {
  static constexpr std::array<std::string_view, 3> names{"", "specialization", "constraint"};
};
template <>
struct CodeNames<BindingStrength> {
  static constexpr std::array<std::string_view, 4> names{"required", "extensible", "preferred",
                                                         "example"};
};
template <>
struct CodeNames<DiscriminatorType> {
  static constexpr std::array<std::string_view, 5> names{"value", "exists", "pattern", "type",
                                                         "profile"};
};
template <>
struct CodeNames<SlicingRules> {
  static constexpr std::array<std::string_view, 3> names{"closed", "open", "openAtEnd"};
};
template <>
struct CodeNames<ReferenceVersioning> {
  static constexpr std::array<std::string_view, 4> names{"", "either", "independent", "specific"};
};
template <>
struct CodeNames<ContextType> {
  static constexpr std::array<std::string_view, 3> names{"fhirpath", "element", "extension"};
};
template <>
struct CodeNames<CodeSystemContent> {
  static constexpr std::array<std::string_view, 5> names{"not-present", "example", "fragment",
                                                         "complete", "supplement"};
};
template <>
struct CodeNames<HierarchyMeaning> {
  static constexpr std::array<std::string_view, 5> names{"", "grouped-by", "is-a", "part-of",
                                                         "classified-with"};
};
template <>
struct CodeNames<FilterOperator> {
  static constexpr std::array<std::string_view, 9> names{
      "=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists"};
};
template <>
struct CodeNames<SearchType> {
  static constexpr std::array<std::string_view, 9> names{
      "number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"};
};
template <>
struct CodeNames<SearchComparator> {
  static constexpr std::array<std::string_view, 9> names{"eq", "ne", "gt", "lt", "ge",
                                                         "le", "sa", "eb", "ap"};
};
template <>
struct CodeNames<SearchModifier> {
  static constexpr std::array<std::string_view, 12> names{
      "missing", "exact", "contains", "not",  "text",       "in",
      "not-in",  "below", "above",    "type", "identifier", "ofType"};
};

/// The code of a value: `code_of(BindingStrength::required)` is `required`.
template <class Enum>
constexpr std::string_view code_of(Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < CodeNames<Enum>::names.size() ? CodeNames<Enum>::names[index] : std::string_view{};
}

/// The value of a code; none when FHIR has no such code.
template <class Enum>
constexpr std::optional<Enum> from_code(std::string_view code) {
  const auto& names = CodeNames<Enum>::names;
  const auto found = std::ranges::find(names, code);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace cpis::fhir
