#pragma once

#include <string_view>
#include <vector>

#include "fhir/definitions/type_table.h"
#include "fhir/path/model.h"

namespace cpis::fhir::path {

/// The types of FHIR R4 for FHIRPath. The table must outlive the model. Trees that were annotated
/// with the same table are read fastest; others are looked up on the way from the root.
class DefinitionsModel : public Model {
 public:
  explicit DefinitionsModel(const TypeTable& types);

  TypeId find(std::string_view name) const override;
  std::string_view name_of(TypeId type) const override;
  TypeId base_of(TypeId type) const override;
  bool is_a(TypeId type, TypeId ancestor) const override;
  bool primitive(TypeId type) const override;
  SystemType system_type(TypeId type) const override;
  TypeId type_of(const Element& element) const override;
  bool is_choice(TypeId parent, std::string_view name) const override;
  bool is_choice_wire_name(TypeId parent, std::string_view name) const override;
  Field field(TypeId parent, std::string_view name) const override;

  /// Of the built-in R4 definitions.
  static const DefinitionsModel& r4();

 private:
  const TypeTable& types_;
  std::vector<SystemType> system_types_;
};

}  // namespace cpis::fhir::path
