#include "fhir/validate/rules.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace cpis::fhir {
namespace {

constexpr std::array<std::pair<std::string_view, Native>, 8> natives{{
    {"ext-1", Native::ext_1},
    {"ref-1", Native::ref_1},
    {"dom-2", Native::dom_2},
    {"dom-3", Native::dom_3},
    {"dom-4", Native::dom_4},
    {"dom-5", Native::dom_5},
    {"txt-1", Native::txt_1},
    {"txt-2", Native::txt_2},
}};

Special special_of(std::string_view type_name) {
  constexpr std::array<std::pair<std::string_view, Special>, 9> names{{
      {"Extension", Special::extension},
      {"Reference", Special::reference},
      {"Coding", Special::coding},
      {"CodeableConcept", Special::codeable_concept},
      {"Quantity", Special::quantity},
      {"Narrative", Special::narrative},
      {"Identifier", Special::identifier},
      {"Attachment", Special::attachment},
      {"Meta", Special::meta},
  }};
  const auto* found =
      std::ranges::find(names, type_name, &std::pair<std::string_view, Special>::first);
  return found == names.end() ? Special::none : found->second;
}

FieldSet bit_of(const Field& field) {
  if (field.order >= fields_max) throw std::logic_error("a type of FHIR has too many fields");
  return FieldSet{1} << field.order;
}

}  // namespace

Invariant Rules::prepare(const ElementConstraint& constraint) {
  Invariant invariant;
  invariant.constraint = &constraint;
  // R4 marks dom-6 (a narrative should be there) by an extension only.
  invariant.best_practice = constraint.best_practice || constraint.key == "dom-6";
  const auto* native =
      std::ranges::find(natives, constraint.key, &std::pair<std::string_view, Native>::first);
  if (native != natives.end()) {
    invariant.native = native->second;
    return invariant;
  }
  const std::string_view expression = constraint.expression;
  path::Error error;
  if (!expression.empty()) invariant.expression = path::Expression::compile(expression, error);
  return invariant;
}

std::vector<Invariant> Rules::prepare_all(std::span<const ElementConstraint* const> constraints) {
  std::vector<Invariant> list;
  for (const ElementConstraint* constraint : constraints) {
    if (constraint->key == "ele-1") continue;  // the structure pass looks at every element anyway
    auto [place, fresh] = prepared_.try_emplace(constraint);
    if (fresh) {
      place->second = prepare(*constraint);
      const bool lost = place->second.native == Native::none && !place->second.expression;
      if (lost && !constraint->expression.empty()) unreadable_.push_back(constraint->key);
    }
    list.push_back(place->second);
  }
  return list;
}

Rules::Rules(const Definitions& definitions, const Terminology* terminology)
    : definitions_{definitions}, table_{definitions.types()} {
  types_.resize(table_.size());
  const Schema::TypeId quantity = table_.find("Quantity");
  for (std::size_t id = 0; id < types_.size(); ++id) {
    const TypeInfo& info = table_.info(static_cast<Schema::TypeId>(id));
    TypeRule& rule = types_[id];
    rule.info = &info;
    if (info.kind == TypeKind::primitive) rule.primitive = primitive_named(info.name);
    rule.special = special_of(info.kind == TypeKind::complex ? info.name : std::string_view{});
    if (table_.is_a(static_cast<Schema::TypeId>(id), quantity)) rule.special = Special::quantity;
    if (info.kind != TypeKind::backbone) rule.invariants = prepare_all(info.element->constraints);
    for (const Field& field : info.fields) {
      if (field.element->min > 0) rule.required |= bit_of(field);
    }
  }
  fields_.resize(table_.definition_count());
  shapes_.resize(fields_.size());
  for (std::size_t id = 0; id < fields_.size(); ++id) add_field(id, terminology);
}

void Rules::add_field(std::size_t id, const Terminology* terminology) {
  const Field& field = table_.field(static_cast<std::uint32_t>(id));
  FieldRule& rule = fields_[id];
  rule.field = &field;
  rule.invariants = prepare_all(field.element->constraints);
  // ext-1 stands on the type and on every element of it: once is enough.
  std::erase_if(rule.invariants, [](const Invariant& one) { return one.native == Native::ext_1; });
  const ElementBinding* const binding = field.element->binding;
  const bool matters = binding != nullptr && (binding->strength <= BindingStrength::extensible ||
                                              !binding->max_value_set.empty());
  if (matters) rule.binding = binding;
  if (matters && binding->strength == BindingStrength::required && terminology != nullptr) {
    rule.required_set = terminology->members(binding->value_set);
  }
  shapes_[id] = {bit_of(field), field.list, field.types.front().type_name == "Resource",
                 !rule.invariants.empty() || rule.binding != nullptr};
  for (const FieldType& type : field.types) {
    if (type.type_name != "Reference") continue;
    rule.any_target = type.targets.empty();
    for (const std::string_view canonical : type.targets) {
      const StructureDefinition* const target = definitions_.structure(canonical);
      const bool open = target == nullptr || target->profile() || target->type == "Resource";
      rule.any_target = rule.any_target || open;
      if (target != nullptr) rule.targets.push_back(table_.find(target->type));
    }
  }
}

}  // namespace cpis::fhir
