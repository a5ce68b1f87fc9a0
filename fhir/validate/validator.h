#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/issues.h"
#include "fhir/terminology/terminology.h"
#include "fhir/tree/document.h"
#include "fhir/validate/policy.h"

namespace cpis::fhir {

/// What one validation looks at, besides the base definitions of FHIR R4.
struct ValidateOptions {
  /// Canonicals of profiles the root must conform to.
  std::vector<std::string> profiles;
  /// Also the profiles that resources name in meta.profile.
  bool declared_profiles = true;
  /// Only structure, cardinality, types and literals: no invariants, terminology, references,
  /// profiles.
  bool structure_only = false;
  /// Report constraints marked as best practice (dom-6).
  bool best_practice = false;
  /// Report elements that a profile marks mustSupport and that are missing.
  bool must_support = false;
  /// Text that looks like HTML tags is an error.
  bool security_checks = false;
  Policy policy;
};

/// Where references lead that leave the resource or Bundle. Null: not to be had, which is not an
/// error.
using Resolver = std::function<const Element*(std::string_view reference, const Element& from)>;

/// Validates FHIR R4 instances: structure, cardinality, types, literals, bindings, slicing, fixed
/// and pattern values, invariants, references, contained resources, Bundles, extensions and their
/// contexts, narrative. Findings carry element path, line, column and a stable rule id.
///
/// Rules of the base definitions are prepared once at construction; those of a profile when it is
/// first used. One validator serves one thread at a time; copies share what is prepared and may be
/// used by other threads. `definitions`, `codes` must outlive it.
class Validator {
 public:
  /// Without `codes`, bindings are reported as not checked (once).
  explicit Validator(const Definitions& definitions, const Terminology* codes = nullptr);
  ~Validator();
  Validator(const Validator& other);
  Validator& operator=(const Validator& other);
  Validator(Validator&&) noexcept;
  Validator& operator=(Validator&&) noexcept;

  void set_resolver(Resolver resolver);

  /// Keys of the base definitions' invariants that the FHIRPath engine could not read; instances
  /// get a finding instead of an answer. Empty, or there is a bug.
  const std::vector<std::string_view>& unreadable() const;

  /// Adds what is wrong with `document` to `issues`. Annotates the tree; its content stays.
  void validate(Document& document, Issues& issues, const ValidateOptions& options = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir
