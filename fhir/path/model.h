#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fhir/tree/element.h"

namespace cpis::fhir::path {

/// The System type that a FHIR primitive (or Quantity) becomes in an operation. FHIR R4 2.9.1.3.
enum class SystemType : std::uint8_t {
  none,
  boolean,
  integer,
  decimal,
  string,
  date,
  date_time,
  time,
  quantity,
};

/// What FHIRPath asks about FHIR types. The engine works without one, too: then types come from the
/// spelling of choices and from JSON, and an expression that needs more fails instead of guessing.
/// Implementations are immutable and safe to share between threads.
class Model {
 public:
  using TypeId = std::uint32_t;
  static constexpr TypeId no_type = no_annotation;

  struct Field {
    bool known = false;
    bool choice = false;  ///< `value[x]`; `asked_by_type` says it was asked as `valueQuantity`
    bool asked_by_type = false;
    bool list = false;
    std::vector<TypeId> types;
  };

  virtual ~Model() = default;

  /// `no_type` for a name that is no FHIR type.
  virtual TypeId find(std::string_view name) const = 0;
  /// As `type().name` gives it: `Patient`, `string`, `BackboneElement`.
  virtual std::string_view name_of(TypeId type) const = 0;
  /// `no_type` at the top.
  virtual TypeId base_of(TypeId type) const = 0;
  /// Reflexive and transitive.
  virtual bool is_a(TypeId type, TypeId ancestor) const = 0;
  virtual bool primitive(TypeId type) const = 0;
  virtual SystemType system_type(TypeId type) const = 0;

  /// The type of an element of a tree; `no_type` when the tree has no definition for it.
  virtual TypeId type_of(const Element& element) const = 0;
  /// Whether `name` is the base name of a choice in `parent`, and whether it is the wire name of
  /// one.
  virtual bool is_choice(TypeId parent, std::string_view name) const = 0;
  virtual bool is_choice_wire_name(TypeId parent, std::string_view name) const = 0;
  /// For static checks.
  virtual Field field(TypeId parent, std::string_view name) const = 0;
};

}  // namespace cpis::fhir::path
