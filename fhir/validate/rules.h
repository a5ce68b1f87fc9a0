#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/path/expression.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/primitives.h"

/// What the base pass must know about every type and element of FHIR, prepared once. Internal to
/// fhir/validate.
namespace cpis::fhir {

/// Invariants that hold everywhere or need the whole resource are checked by code of ours.
enum class Native : std::uint8_t {
  none,   ///< by its FHIRPath expression
  ext_1,  ///< a value or extensions
  ref_1,  ///< a local reference has its contained resource
  dom_2,
  dom_3,
  dom_4,
  dom_5,
  txt_1,  ///< allowed markup only
  txt_2,  ///< not empty
};

struct Invariant {
  const ElementConstraint* constraint = nullptr;
  Native native = Native::none;
  bool best_practice = false;                  ///< judged on request only
  std::optional<path::Expression> expression;  ///< none: native, or it does not compile
};

/// Datatypes with rules of their own beyond what definitions say.
enum class Special : std::uint8_t {
  none,
  extension,
  reference,
  coding,
  codeable_concept,
  quantity,
  narrative,
  identifier,
  attachment,
  meta,
};

/// The children of a type as a set: one bit for each field, in order. No type of R4 has more.
using FieldSet = std::uint64_t;
inline constexpr std::size_t fields_max = 64;

/// What every element is asked, small enough for all of FHIR to stay in the cache.
struct ChildShape {
  FieldSet bit = 0;
  bool list = false;
  bool holds_resource = false;
  bool has_rules = false;  ///< its FieldRule has invariants or a binding
};

struct FieldRule {
  const Field* field = nullptr;
  std::vector<Invariant> invariants;
  const ElementBinding* binding = nullptr;        ///< when something follows from it; else null
  bool any_target = true;                         ///< no base definition restricts its references
  std::vector<Schema::TypeId> targets;            ///< otherwise the types they may lead to
  const ValueSetMembers* required_set = nullptr;  ///< of a required binding, when known
};

struct TypeRule {
  const TypeInfo* info = nullptr;
  Primitive primitive = Primitive::none;
  Special special = Special::none;
  std::vector<Invariant> invariants;
  FieldSet required = 0;
};

/// Immutable; safe to share between threads.
class Rules {
 public:
  /// Both must outlive the rules; `terminology` may be null.
  Rules(const Definitions& definitions, const Terminology* terminology);
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  const Definitions& definitions() const { return definitions_; }
  const TypeTable& types() const { return table_; }
  const TypeRule& type(Schema::TypeId type) const { return types_[type]; }
  const FieldRule& field(std::uint32_t definition) const { return fields_[definition]; }
  ChildShape shape(std::uint32_t definition) const { return shapes_[definition]; }
  /// A profile's own constraint, ready to evaluate.
  static Invariant prepare(const ElementConstraint& constraint);
  /// Constraints whose expression our engine could not read; empty when all is well.
  const std::vector<std::string_view>& unreadable() const { return unreadable_; }

 private:
  std::vector<Invariant> prepare_all(std::span<const ElementConstraint* const> constraints);

  void add_field(std::size_t id, const Terminology* terminology);

  const Definitions& definitions_;
  const TypeTable& table_;
  std::vector<TypeRule> types_;
  std::vector<FieldRule> fields_;
  std::vector<ChildShape> shapes_;
  std::unordered_map<const ElementConstraint*, Invariant> prepared_;
  std::vector<std::string_view> unreadable_;
};

}  // namespace cpis::fhir
