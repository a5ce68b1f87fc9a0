#include <algorithm>
#include <array>

#include "fhir/path/machine.h"

/// FHIRPath N1 6.3 and FHIR R4 2.9.1: is, as, ofType, type().
namespace cpis::fhir::path {
namespace {

constexpr std::array<std::string_view, 10> system_types{
    "Boolean", "Integer",  "Long", "Decimal",  "String",
    "Date",    "DateTime", "Time", "Quantity", "Any"};

bool is_system_name(std::string_view name) {
  return std::ranges::find(system_types, name) != system_types.end();
}

std::string_view system_name(const Value& value) {
  switch (value.kind()) {
    case ValueKind::boolean:
      return "Boolean";
    case ValueKind::integer:
      return "Integer";
    case ValueKind::long_:
      return "Long";
    case ValueKind::decimal:
      return "Decimal";
    case ValueKind::string:
      return "String";
    case ValueKind::quantity:
      return "Quantity";
    case ValueKind::type_info:
      return "ClassInfo";
    case ValueKind::temporal:
      switch (value.temporal().kind) {
        case Temporal::Kind::date:
          return "Date";
        case Temporal::Kind::date_time:
          return "DateTime";
        case Temporal::Kind::time:
          return "Time";
      }
      break;
    default:
      break;
  }
  return {};
}

std::string_view system_name(SystemType type) {
  constexpr std::array<std::string_view, 9> names{
      "", "Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity"};
  return names[static_cast<std::size_t>(type)];
}

/// `Patient` of `Patient/1`, `http://server/fhir/Patient/1` and `.../Patient/1/_history/2`.
std::string_view type_of_reference(std::string_view reference) {
  const auto step = [&] {
    const auto slash = reference.rfind('/');
    const auto last = reference.substr(slash == std::string_view::npos ? 0 : slash + 1);
    reference = reference.substr(0, slash == std::string_view::npos ? 0 : slash);
    return last;
  };
  step();
  auto type = step();
  if (type == "_history") {
    step();
    type = step();
  }
  return type;
}

}  // namespace

TypeNames Machine::type_names(const Value& value) const {
  if (value.kind() == ValueKind::reference) return {"FHIR", type_of_reference(value.text()), {}};
  if (!value.is_element()) return {"System", system_name(value), "System.Any"};
  const Element& element = value.element();
  if (environment_.model != nullptr) {
    const auto type = environment_.model->type_of(element);
    if (type != Model::no_type) {
      const auto base = environment_.model->base_of(type);
      return {"FHIR", environment_.model->name_of(type),
              base == Model::no_type ? std::string_view{} : environment_.model->name_of(base)};
    }
  }
  if (element.resource()) return {"FHIR", element.resource_type(), {}};
  if (element.kind() == Kind::boolean) return {"FHIR", "boolean", {}};
  return {"FHIR", {}, {}};
}

std::optional<bool> Machine::matches_type(const Value& value, const TypeName& type, bool exact) {
  if (!type.space.empty() && type.space != "FHIR" && type.space != "System") {
    fail(Error::Kind::semantic, "there is no namespace " + type.space);
    return std::nullopt;
  }
  if (value.is_element()) return matches_element_type(value.element(), type, exact);
  if (value.kind() == ValueKind::reference) {
    return type.space != "System" &&
           (type.name == "Resource" || type.name == type_of_reference(value.text()));
  }
  return matches_system_type(value, type);
}

std::optional<bool> Machine::matches_system_type(const Value& value, const TypeName& type) const {
  if (type.space == "FHIR") return false;
  return type.name == system_name(value) || type.name == "Any";
}

std::optional<bool> Machine::matches_element_type(const Element& element, const TypeName& type,
                                                  bool exact) {
  if (type.space == "System") {
    return environment_.definitions_dialect && system_name(system_type_of(element)) == type.name;
  }
  const Model* const model = environment_.model;
  if (model == nullptr) {
    bool known = false;
    const bool matches = matches_untyped(element, type, known);
    if (known) return matches;
    fail("the type of an element is not known without definitions");
    return std::nullopt;
  }
  const auto wanted = model->find(type.name);
  if (wanted == Model::no_type) {
    if (type.space.empty() && is_system_name(type.name)) {
      return environment_.definitions_dialect && system_name(system_type_of(element)) == type.name;
    }
    fail(Error::Kind::semantic, "there is no type " + type.name);
    return std::nullopt;
  }
  const auto actual = model->type_of(element);
  if (actual == Model::no_type) return false;
  if (exact && model->primitive(wanted)) return actual == wanted;
  return model->is_a(actual, wanted);
}

bool Machine::matches_untyped(const Element& element, const TypeName& type, bool& known) const {
  known = true;
  if (element.resource()) {
    if (type.name == "Resource") return true;
    if (type.name == "DomainResource") return is_named_type(element, type.name);
    return element.resource_type() == type.name;
  }
  if (element.kind() == Kind::boolean) return type.name == "boolean";
  const auto suffix = choice_suffix(element.name());
  known = suffix != std::string_view::npos;
  if (!known) return false;
  const std::string_view spelled = element.name().substr(suffix);
  if (spelled == type.name) return !element.primitive();
  std::string wanted = type.name;
  if (!wanted.empty() && wanted.front() >= 'a')
    wanted.front() = static_cast<char>(wanted.front() - 32);
  return element.primitive() && spelled == wanted && wanted != type.name;
}

// The operators and is(), as(). FHIR R4 lets `as` filter several items in its own definitions.
bool Machine::type_filter(Range focus, const TypeName& type, Op op) {
  const std::uint32_t base = focus.begin;
  const bool filter = op == Op::as && environment_.definitions_dialect;
  if (focus.size() > 1 && !filter) return fail("several items where one is needed");
  const std::uint32_t from = top();
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const Value value = stack_[i];
    const auto matches = matches_type(value, type, op == Op::as);
    if (!matches) return false;
    if (op == Op::is ? !push(Value{*matches}) : (*matches && !push(value))) return false;
  }
  collapse(base, from);
  return true;
}

bool Machine::of_type(Range focus, const TypeName& type) {
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const Value value = stack_[i];
    const auto matches = matches_type(value, type, true);
    if (!matches || (*matches && !push(value))) return false;
  }
  return true;
}

}  // namespace cpis::fhir::path
