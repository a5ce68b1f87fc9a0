#include "fhir/definitions/type_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "fhir/definitions/decode.h"
#include "fhir/tree/same_name.h"

namespace cpis::fhir {

namespace {

constexpr std::string_view system_prefix = "http://hl7.org/fhirpath/System.";
constexpr std::string_view definition_prefix = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::uint32_t no_entry = 0xFFFFFFFFU;
// How many fields are compared before a name is hashed: behind the last child there are rarely more
// that may be left out.
constexpr std::size_t look_ahead = 8;

std::size_t depth(std::string_view path) {
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '.'));
}

std::string_view parent_path(std::string_view path) { return path.substr(0, path.rfind('.')); }

/// Children of an element follow it at once.
bool has_children(const StructureDefinition& structure, std::size_t index) {
  if (index + 1 >= structure.elements.size()) return false;
  const std::string_view path = structure.elements[index].path;
  const std::string_view next = structure.elements[index + 1].path;
  return next.size() > path.size() && next.starts_with(path) && next[path.size()] == '.';
}

/// The literal of a primitive; it is the element's own value and no child.
bool is_literal(const StructureDefinition& structure, const ElementDefinition& element) {
  return structure.kind == StructureKind::primitive_type && element.path.ends_with(".value");
}

Kind wire_kind(const StructureDefinition& structure) {
  constexpr std::array numbers{std::string_view{"integer"}, std::string_view{"decimal"},
                               std::string_view{"unsignedInt"}, std::string_view{"positiveInt"}};
  if (structure.kind == StructureKind::resource) return Kind::resource;
  if (structure.kind != StructureKind::primitive_type) return Kind::complex;
  if (structure.type == "boolean") return Kind::boolean;
  return std::ranges::find(numbers, structure.type) != numbers.end() ? Kind::number : Kind::string;
}

TypeKind type_kind(const StructureDefinition& structure) {
  if (structure.kind == StructureKind::resource) return TypeKind::resource;
  return structure.kind == StructureKind::primitive_type ? TypeKind::primitive : TypeKind::complex;
}

std::uint32_t hash(Schema::TypeId owner, std::string_view name) {
  if (name.empty()) return owner;
  const auto at = [&](std::size_t index) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(name[index]));
  };
  const std::size_t size = name.size();
  std::uint32_t mixed = at(0) | at(size / 2) << 8U | at(size - 1) << 16U | at(size * 3 / 4) << 24U;
  mixed = (mixed ^ static_cast<std::uint32_t>(size) * 0x9E3779B1U) * 0x85EBCA6BU;
  mixed = (mixed ^ mixed >> 15U ^ owner * 0xC2B2AE35U) * 0x27D4EB2FU;
  return mixed ^ mixed >> 13U;
}

struct Near {
  const Field* field = nullptr;
  Schema::TypeId type = Schema::no_type;
};

/// The child of this name, when it stands where children in the order of their definitions stand:
/// soon behind the one of `before`, or at the front of the type for `no_annotation`.
Near near_field(const TypeTable& table, Schema::TypeId owner, std::uint32_t before,
                std::string_view name) {
  if (owner == Schema::no_type) return {};
  const std::span<const Field> fields = table.info(owner).fields;
  const std::size_t begin = before == no_annotation ? 0 : table.field(before).order;
  const std::size_t end = std::min(begin + look_ahead, fields.size());
  for (std::size_t at = begin; at < end; ++at) {
    const Field& field = fields[at];
    if (!field.choice) {
      if (same_name(field.name, name)) return {&field, field.types.front().type};
    } else if (name.starts_with(field.name)) {
      const auto chosen = std::ranges::find(field.types, name, &FieldType::wire_name);
      if (chosen != field.types.end()) return {&field, chosen->type};
    }
  }
  return {};
}

}  // namespace

TypeTable::TypeTable(std::span<const StructureDefinition* const> structures) {
  for (const StructureDefinition* structure : structures) add_types(*structure);
  link_bases();
  for (const StructureDefinition* structure : structures) add_fields(*structure);
  index_members();
}

void TypeTable::add_types(const StructureDefinition& structure) {
  for (std::size_t index = 0; index < structure.elements.size(); ++index) {
    const ElementDefinition& element = structure.elements[index];
    if (index > 0 && !has_children(structure, index)) continue;
    TypeInfo info;
    info.name = element.path;
    info.type_name = index == 0 ? structure.type : element.types.front().code;
    info.kind = index == 0 ? type_kind(structure) : TypeKind::backbone;
    info.wire_kind = index == 0 ? wire_kind(structure) : Kind::complex;
    info.abstract = index == 0 && structure.abstract;
    info.structure = &structure;
    info.element = &element;
    names_.emplace(info.name, static_cast<TypeId>(types_.size()));
    types_.push_back(info);
  }
}

void TypeTable::link_bases() {
  for (TypeInfo& info : types_) {
    if (info.kind == TypeKind::backbone) {
      info.base = find(info.type_name);
    } else if (info.structure->base.starts_with(definition_prefix)) {
      info.base = find(info.structure->base.substr(definition_prefix.size()));
    }
  }
}

void TypeTable::add_fields(const StructureDefinition& structure) {
  // Children of one parent are not adjacent (a backbone's own children come between).
  std::vector<std::pair<TypeId, std::vector<std::size_t>>> parents;
  for (std::size_t index = 1; index < structure.elements.size(); ++index) {
    const ElementDefinition& element = structure.elements[index];
    const TypeId owner = find(parent_path(element.path));
    if (is_literal(structure, element)) {
      types_[owner].literal = &element;
      continue;
    }
    auto known =
        std::ranges::find(parents, owner, &std::pair<TypeId, std::vector<std::size_t>>::first);
    if (known == parents.end()) known = parents.insert(parents.end(), {owner, {}});
    known->second.push_back(index);
  }
  for (const auto& [owner, children] : parents) {
    std::vector<Field> fields(children.size());
    for (std::size_t order = 0; order < children.size(); ++order) {
      fields[order].owner = owner;
      fields[order].order = static_cast<std::uint16_t>(order);
      fields[order].definition = static_cast<std::uint32_t>(fields_.size() + order);
      add_field(fields[order], structure, children[order]);
    }
    types_[owner].fields = keep(arena_, fields);
    for (const Field& field : types_[owner].fields) fields_.push_back(&field);
  }
}

void TypeTable::add_field(Field& field, const StructureDefinition& structure, std::size_t index) {
  const ElementDefinition& element = structure.elements[index];
  field.element = &element;
  field.name = element.name();
  field.choice = element.choice();
  field.list = element.list();
  field.attribute = (element.representation & representation_xml_attribute) != 0;
  field.types = keep(arena_, types_of(structure, element, field.name));
}

std::vector<FieldType> TypeTable::types_of(const StructureDefinition& structure,
                                           const ElementDefinition& element,
                                           std::string_view name) {
  if (!element.content_reference.empty()) {
    const TypeId type = find(element.content_reference.substr(1));
    return {FieldType{name, info(type).type_name, type, {}}};
  }
  if (const TypeId own = find(element.path); own != no_type) {
    return {FieldType{name, info(own).type_name, own, {}}};
  }
  // R4 calls the id of a resource a string; it is an `id` (resource.html, and R4B says so).
  const bool resource_id =
      structure.kind == StructureKind::resource && name == "id" && depth(element.path) == 1;
  std::vector<FieldType> types;
  for (const ElementType& type : element.types) {
    const bool system = type.code.starts_with(system_prefix);
    std::string_view type_name = type.code;
    if (system) type_name = type.fhir_type.empty() ? "string" : type.fhir_type;
    if (resource_id) type_name = "id";
    std::string_view wire_name = name;
    if (element.choice()) {
      std::string wire{name};
      wire += static_cast<char>(type_name[0] >= 'a' ? type_name[0] - 'a' + 'A' : type_name[0]);
      wire += type_name.substr(1);
      wire_name = arena_.copy(wire);
    }
    types.push_back(FieldType{wire_name, type_name, find(type_name), type.target_profiles});
  }
  return types;
}

Schema::Member TypeTable::member_of(const Field& field, const FieldType& type) const {
  Member member;
  member.type = type.type;
  member.definition = field.definition;
  member.order = field.order;
  member.kind = type.type == no_type ? Kind::complex : info(type.type).wire_kind;
  member.list = field.list;
  member.attribute = field.attribute;
  member.xhtml = type.type_name == "xhtml";
  return member;
}

void TypeTable::index_members() {
  std::size_t count = 0;
  for (const Field* field : fields_) count += field->types.size() + 1;
  slots_.assign(std::bit_ceil(count * 2), no_entry);
  entries_.reserve(count);
  for (const Field* field : fields_) {
    for (const FieldType& type : field->types) {
      insert(field->owner, type.wire_name, member_of(*field, type));
    }
  }
}

void TypeTable::insert(TypeId owner, std::string_view name, const Member& member) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash(owner, name) & mask;
  while (slots_[slot] != no_entry) slot = (slot + 1) & mask;
  slots_[slot] = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back(Entry{owner, name, member});
}

const TypeTable::Entry* TypeTable::lookup(TypeId owner, std::string_view name) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash(owner, name) & mask; slots_[slot] != no_entry;
       slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot]];
    if (entry.owner == owner && entry.name == name) return &entry;
  }
  return nullptr;
}

Schema::TypeId TypeTable::find(std::string_view name) const {
  const auto known = names_.find(name);
  return known == names_.end() ? no_type : known->second;
}

Schema::TypeId TypeTable::resource(std::string_view type_name) const {
  const TypeId type = find(type_name);
  return type != no_type && info(type).kind == TypeKind::resource ? type : no_type;
}

std::optional<Schema::Member> TypeTable::member(TypeId type, std::string_view wire_name) const {
  const Entry* const entry = lookup(type, wire_name);
  if (entry == nullptr) return std::nullopt;
  return entry->member;
}

const Field* TypeTable::field(TypeId type, std::string_view name) const {
  if (type >= types_.size()) return nullptr;
  if (const Entry* const entry = lookup(type, name)) return fields_[entry->member.definition];
  for (const Field& field : types_[type].fields) {
    if (field.choice && field.name == name) return &field;
  }
  return nullptr;
}

bool TypeTable::is_a(TypeId type, TypeId ancestor) const {
  while (type != no_type && type != ancestor) type = types_[type].base;
  return type == ancestor && type != no_type;
}

void TypeTable::annotate(Document& document) const {
  if (document.empty()) return;
  annotate(document, resource(document.root().resource_type()));
}

void TypeTable::annotate(Document& document, TypeId root) const {
  if (document.empty()) return;
  document.annotate(document.root(), no_annotation, root);
  // Before its children each element; up again over parents, so no recursion over foreign depth.
  const Element* at = document.root().first_child();
  std::uint32_t before = no_annotation;
  while (at != nullptr) {
    const TypeId owner = at->parent()->type();
    Near found = near_field(*this, owner, before, at->name());
    if (found.field == nullptr) {
      const Entry* const entry = lookup(owner, at->name());
      if (entry != nullptr) found = {fields_[entry->member.definition], entry->member.type};
    }
    if (found.field == nullptr) {
      document.annotate(*at, no_annotation, no_type);
    } else {
      const TypeId type = at->resource() ? resource(at->resource_type()) : found.type;
      document.annotate(*at, found.field->definition, type);
    }
    if (at->has_children()) {
      at = at->first_child();
      before = no_annotation;
      continue;
    }
    while (at->next() == nullptr && at->parent() != nullptr) at = at->parent();
    before = at->definition();
    at = at->next();
  }
}

}  // namespace cpis::fhir
