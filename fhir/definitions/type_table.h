#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/model.h"
#include "fhir/tree/arena.h"
#include "fhir/tree/document.h"
#include "fhir/tree/schema.h"

namespace cpis::fhir {

enum class TypeKind : std::uint8_t {
  primitive,  ///< `string`, `dateTime`
  complex,    ///< `HumanName`
  resource,   ///< `Patient`
  backbone,   ///< the children of one element: `Patient.contact`, `Timing.repeat`
};

/// A type that an element may have, and the name the element has then.
struct FieldType {
  std::string_view wire_name;                 ///< `valueQuantity`; of no choice: the field's name
  std::string_view type_name;                 ///< `Quantity`, `BackboneElement`, `string`
  Schema::TypeId type = Schema::no_type;      ///< for a backbone the type of its own children
  std::span<const std::string_view> targets;  ///< target profiles of a reference
};

/// One child of a type.
struct Field {
  std::string_view name;         ///< `value` for `value[x]`
  std::uint32_t definition = 0;  ///< its id: Element::definition()
  std::uint16_t order = 0;       ///< place among the children of its parent
  bool choice = false;
  bool list = false;
  bool attribute = false;  ///< an XML attribute
  Schema::TypeId owner = Schema::no_type;
  const ElementDefinition* element = nullptr;
  std::span<const FieldType> types;  ///< never empty
};

/// A type of FHIR, or the children of one element.
struct TypeInfo {
  std::string_view name;       ///< `Patient`, `Patient.contact`
  std::string_view type_name;  ///< `Patient`, `BackboneElement`: what FHIRPath calls it
  TypeKind kind = TypeKind::complex;
  Kind wire_kind = Kind::complex;  ///< how JSON writes a value of it
  bool abstract = false;
  Schema::TypeId base = Schema::no_type;  ///< of Element and Resource there is none
  const StructureDefinition* structure = nullptr;
  const ElementDefinition* element = nullptr;  ///< root of the type, or the element of a backbone
  const ElementDefinition* literal =
      nullptr;                    ///< `value` of a primitive (regex, limits); else null
  std::span<const Field> fields;  ///< in order, inherited ones included
};

/// The types of FHIR R4 as one dense table: what readers, FHIRPath, search and validation ask for
/// each element. Immutable; safe to share between threads. Views live as long as the table.
class TypeTable : public Schema {
 public:
  /// From the base definitions (no profiles); they must outlive the table.
  explicit TypeTable(std::span<const StructureDefinition* const> structures);
  TypeTable(const TypeTable&) = delete;
  TypeTable& operator=(const TypeTable&) = delete;
  ~TypeTable() override = default;

  TypeId resource(std::string_view type_name) const override;
  std::optional<Member> member(TypeId type, std::string_view wire_name) const override;

  /// Any type by its FHIR name (`Patient`, `string`, `Patient.contact`); `no_type` when unknown.
  TypeId find(std::string_view name) const;
  std::size_t size() const { return types_.size(); }
  /// Precondition: `type` < size().
  const TypeInfo& info(TypeId type) const { return types_[type]; }
  /// `type` is `ancestor` or is derived from it (`Age` from `Quantity`, `Patient` from `Resource`).
  bool is_a(TypeId type, TypeId ancestor) const;

  std::size_t definition_count() const { return fields_.size(); }
  /// Precondition: `definition` < definition_count().
  const Field& field(std::uint32_t definition) const { return *fields_[definition]; }
  /// The child of this name; choices by base name (`value`) or by wire name (`valueQuantity`).
  const Field* field(TypeId type, std::string_view name) const;

  /// Sets Element::definition and Element::type of a whole tree whose root is a resource. What has
  /// no definition keeps `no_annotation`, and so does all below it.
  void annotate(Document& document) const;
  /// The same for a fragment whose root has the type `root`.
  void annotate(Document& document, TypeId root) const;

 private:
  struct Entry {
    TypeId owner = no_type;
    std::string_view name;
    Member member;
  };

  void add_types(const StructureDefinition& structure);
  void link_bases();
  void add_fields(const StructureDefinition& structure);
  void add_field(Field& field, const StructureDefinition& structure, std::size_t index);
  std::vector<FieldType> types_of(const StructureDefinition& structure,
                                  const ElementDefinition& element, std::string_view name);
  void index_members();
  Member member_of(const Field& field, const FieldType& type) const;
  void insert(TypeId owner, std::string_view name, const Member& member);
  const Entry* lookup(TypeId owner, std::string_view name) const;

  Arena arena_;
  std::vector<TypeInfo> types_;
  std::vector<const Field*> fields_;
  std::unordered_map<std::string_view, TypeId> names_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace cpis::fhir
