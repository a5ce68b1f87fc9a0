#include "fhir/path/definitions_model.h"

#include <algorithm>
#include <array>

#include "fhir/definitions/definitions.h"

namespace cpis::fhir::path {
namespace {

struct SystemRow {
  std::string_view name;
  SystemType type;
};
// FHIR R4 2.9.1.3; all other primitives are strings.
constexpr std::array system_rows{
    SystemRow{"boolean", SystemType::boolean},     SystemRow{"integer", SystemType::integer},
    SystemRow{"positiveInt", SystemType::integer}, SystemRow{"unsignedInt", SystemType::integer},
    SystemRow{"decimal", SystemType::decimal},     SystemRow{"date", SystemType::date},
    SystemRow{"dateTime", SystemType::date_time},  SystemRow{"instant", SystemType::date_time},
    SystemRow{"time", SystemType::time},
};

SystemType system_type_named(std::string_view name) {
  const auto row = std::ranges::find(system_rows, name, &SystemRow::name);
  return row == system_rows.end() ? SystemType::string : row->type;
}

}  // namespace

DefinitionsModel::DefinitionsModel(const TypeTable& types)
    : types_{types}, system_types_(types.size(), SystemType::none) {
  const TypeId quantity = types.find("Quantity");
  for (TypeId id = 0; id < types.size(); ++id) {
    const TypeInfo& info = types.info(id);
    if (info.kind == TypeKind::primitive) system_types_[id] = system_type_named(info.type_name);
    if (quantity != no_type && types.is_a(id, quantity)) system_types_[id] = SystemType::quantity;
  }
}

Model::TypeId DefinitionsModel::find(std::string_view name) const { return types_.find(name); }

std::string_view DefinitionsModel::name_of(TypeId type) const {
  return types_.info(type).type_name;
}

Model::TypeId DefinitionsModel::base_of(TypeId type) const { return types_.info(type).base; }

bool DefinitionsModel::is_a(TypeId type, TypeId ancestor) const {
  return types_.is_a(type, ancestor);
}

bool DefinitionsModel::primitive(TypeId type) const {
  return types_.info(type).kind == TypeKind::primitive;
}

SystemType DefinitionsModel::system_type(TypeId type) const { return system_types_[type]; }

Model::TypeId DefinitionsModel::type_of(const Element& element) const {
  if (element.type() != no_annotation) return element.type();
  if (element.resource()) return types_.resource(element.resource_type());
  if (element.parent() == nullptr) return no_type;
  const TypeId parent = type_of(*element.parent());
  if (parent == no_type) return no_type;
  const auto member = types_.member(parent, element.name());
  return member ? member->type : no_type;
}

bool DefinitionsModel::is_choice(TypeId parent, std::string_view name) const {
  const auto* const found = types_.field(parent, name);
  return found != nullptr && found->choice && found->name == name;
}

bool DefinitionsModel::is_choice_wire_name(TypeId parent, std::string_view name) const {
  const auto* const found = types_.field(parent, name);
  return found != nullptr && found->choice && found->name != name;
}

Model::Field DefinitionsModel::field(TypeId parent, std::string_view name) const {
  const auto* const found = types_.field(parent, name);
  if (found == nullptr) return {};
  Field result{true, found->choice, found->choice && found->name != name, found->list, {}};
  for (const auto& type : found->types) result.types.push_back(type.type);
  return result;
}

const DefinitionsModel& DefinitionsModel::r4() {
  static const DefinitionsModel model{Definitions::r4().types()};
  return model;
}

}  // namespace cpis::fhir::path
