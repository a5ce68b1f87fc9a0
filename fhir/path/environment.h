#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/path/model.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace cpis::fhir::path {

/// What the engine asks of the world. Every callback may be missing: then the function that needs
/// it is an error, never a quiet "no".
struct Callbacks {
  /// resolve(): the resource a reference or canonical names, null when it is not to be had.
  /// Contained resources and entries of the same Bundle are found without it.
  std::function<const Element*(std::string_view reference, const Element& from)> resolve;
  /// memberOf(): none when the value set is unknown. `item` is a code, Coding or CodeableConcept.
  std::function<std::optional<bool>(const Element& item, std::string_view value_set)> member_of;
  /// subsumes(): both are Codings or CodeableConcepts.
  std::function<std::optional<bool>(const Element& general, const Element& special)> subsumes;
  /// conformsTo(): none when the profile is unknown.
  std::function<std::optional<bool>(const Element& resource, std::string_view profile)> conforms_to;
  /// htmlChecks() of a narrative's `div`; without it the markup is taken as good when not empty.
  std::function<bool(const Element& div)> html_checks;
  /// trace(): the name and what passes by.
  std::function<void(std::string_view name, Collection items)> trace;
};

/// Bounds of one evaluation; beyond one it ends with Error::Kind::limit.
struct Limits {
  std::size_t steps_max = 20'000'000;
  std::size_t items_max = 4'000'000;
  std::size_t text_bytes_max = std::size_t{64} * 1024 * 1024;
};

/// Shared by many evaluations; must outlive the evaluators that use it.
struct Environment {
  const Model* model = nullptr;
  Callbacks callbacks;
  /// now(), today() and timeOfDay(); an error when missing. The engine reads no clock.
  std::optional<Temporal> now;
  /// %name. Values must outlive the evaluations; see also Context::variables.
  std::map<std::string, std::vector<Value>, std::less<>> variables;
  Limits limits;

  /// The expressions inside FHIR R4's own definitions were written for an older engine: `as`
  /// filters collections, and `is Boolean` means FHIR's boolean as well. Set for invariants and
  /// search.
  bool definitions_dialect = false;
  /// resolve() of a reference that cannot be followed gives a value of the type that its text names
  /// (`Patient/1`), good for `is` only. For search, where `resolve() is Patient` picks references.
  bool resolve_by_text = false;
};

}  // namespace cpis::fhir::path
