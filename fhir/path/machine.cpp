#include "fhir/path/machine.h"

#include <algorithm>
#include <array>

namespace cpis::fhir::path {
namespace {

constexpr std::size_t arguments_max = 16;
constexpr std::size_t path_steps_max = 8;

bool is_abstract_resource(std::string_view name) {
  return name == "Resource" || name == "DomainResource";
}

// Without definitions: the resources of R4 that are no DomainResource.
bool is_domain_resource(std::string_view type) {
  return type != "Bundle" && type != "Binary" && type != "Parameters";
}

struct Constant {
  std::string_view name;
  std::string_view value;
};
// FHIR R4 2.9.1.7 and FHIRPath N1 9.
constexpr std::array constants{Constant{"sct", "http://snomed.info/sct"},
                               Constant{"loinc", "http://loinc.org"},
                               Constant{"ucum", "http://unitsofmeasure.org"}};

}  // namespace

bool Machine::run(const Program& program, const Context& context) {
  program_ = &program;
  context_ = context;
  stack_.reset(environment_.limits.items_max);
  variables_.clear();
  arena_.clear();
  steps_ = 0;
  text_bytes_ = 0;
  result_ = 0;
  Frame frame;
  if (context.focus != nullptr) {
    if (!push(Value{context.focus})) return false;
    frame.self = {0, 1};
  }
  result_ = top();
  if (!eval(program.root, frame)) {
    stack_.shrink(result_);
    return false;
  }
  std::uint32_t kept = result_;
  for (std::uint32_t i = result_; i < top(); ++i) {
    if (stack_[i].kind() != ValueKind::none) stack_[kept++] = stack_[i];
  }
  stack_.shrink(kept);
  return true;
}

bool Machine::result_condition(std::optional<bool>& answer) {
  Tri holds = Tri::unknown;
  if (!condition(since(result_), holds)) return false;
  if (holds != Tri::unknown) answer = holds == Tri::yes;
  return true;
}

bool Machine::too_many_steps() {
  return fail(Error::Kind::limit, "the evaluation takes too many steps");
}

bool Machine::too_many_items() { return fail(Error::Kind::limit, "too many items"); }

bool Machine::push_all(Range range) {
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (!push(stack_[i])) return false;
  }
  return true;
}

bool Machine::fail(Error::Kind kind, std::string message) {
  error_ = {kind, std::move(message), position_};
  return false;
}

bool Machine::fail(const char* message) { return fail(std::string{message}); }

bool Machine::push_text(std::string_view text) {
  text_bytes_ += text.size();
  if (text_bytes_ > environment_.limits.text_bytes_max) {
    return fail(Error::Kind::limit, "too much text");
  }
  return push(Value{arena_.copy(text)});
}

bool Machine::push_tri(Tri value) {
  return value == Tri::unknown || push(Value{value == Tri::yes});
}

bool Machine::push_decimal(const std::optional<Decimal>& value) {
  return !value || push(Value{keep(*value)});
}

bool Machine::push_temporal(const Temporal& value) { return push(Value{keep(value)}); }
bool Machine::push_quantity(const Quantity& value) { return push(Value{keep(value)}); }

std::span<const Value> Machine::keep_values(Range range) {
  if (range.empty()) return {};
  auto* const place =
      static_cast<Value*>(arena_.allocate(sizeof(Value) * range.size(), alignof(Value)));
  std::uninitialized_copy_n(stack_.data() + range.begin, range.size(), place);
  return {place, range.size()};
}

bool Machine::eval(NodeId id, const Frame& frame) {
  const Node& node = program_->nodes[id];
  if (++steps_ > environment_.limits.steps_max ||
      text_bytes_ > environment_.limits.text_bytes_max) {
    return too_many_steps();
  }
  position_ = node.position;
  switch (node.op) {
    case Op::nothing:
      return true;
    case Op::literal:
      return literal(node);
    case Op::this_:
      return push_all(frame.self);
    case Op::index:
      return frame.index < 0 ? fail("$index is not defined here") : push(Value{frame.index});
    case Op::total:
      return frame.has_total ? push_all(frame.total) : fail("$total is not defined here");
    case Op::external:
      return external(node);
    case Op::root_member:
      return root_member(node, frame);
    case Op::member:
      return path(node, frame);
    case Op::call:
      return call(node, frame, frame.self);
    default:
      break;
  }
  const std::uint32_t base = top();
  if (node.op >= Op::multiply) return eval_binary(node, frame, base);
  if (!eval(node.first, frame)) return false;
  position_ = node.position;
  switch (node.op) {
    case Op::item:
      return item(node, frame, base);
    case Op::call_on: {
      const Range focus = since(base);
      if (!call(node, frame, focus)) return false;
      collapse(base, focus.end);
      return true;
    }
    case Op::is:
    case Op::as:
      return type_filter(since(base), program_->types[node.text], node.op);
    default:
      return negate(since(base), node.op == Op::negative);
  }
}

// Variables that an operand defines end with it.
bool Machine::eval_operand(NodeId id, const Frame& frame, Range& result) {
  const std::size_t scope = variables_.size();
  const std::uint32_t base = top();
  if (!eval(id, frame)) return false;
  variables_.resize(scope);
  result = since(base);
  return true;
}

bool Machine::eval_binary(const Node& node, const Frame& frame, std::uint32_t base) {
  if (node.op >= Op::and_) return logic(node, frame, base);
  Range left;
  Range right;
  if (!eval_operand(node.first, frame, left) || !eval_operand(node.second, frame, right)) {
    return false;
  }
  position_ = node.position;
  bool good = true;
  switch (node.op) {
    case Op::union_:
      good = push_distinct({left.begin, right.end});
      break;
    case Op::concatenate:
      good = concatenate(left, right);
      break;
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      good = comparison(node.op, left, right);
      break;
    case Op::equal:
      good = push_tri(equal_collections(left, right));
      break;
    case Op::not_equal: {
      const Tri same = equal_collections(left, right);
      good = push_tri(same == Tri::unknown ? same : tri(same == Tri::no));
      break;
    }
    case Op::equivalent:
      good = push(Value{equivalent_collections(left, right)});
      break;
    case Op::not_equivalent:
      good = push(Value{!equivalent_collections(left, right)});
      break;
    case Op::in:
      good = membership(left, right);
      break;
    case Op::contains:
      good = membership(right, left);
      break;
    default:
      good = arithmetic(node.op, left, right);
      break;
  }
  if (good) collapse(base, right.end);
  return good;
}

bool Machine::literal(const Node& node) {
  const Literal& literal = program_->literals[node.text];
  if (const auto* flag = std::get_if<bool>(&literal)) return push(Value{*flag});
  if (const auto* whole = std::get_if<std::int64_t>(&literal)) return push(Value{*whole});
  if (const auto* wide = std::get_if<LongLiteral>(&literal)) {
    return push(Value::long_integer(wide->value));
  }
  if (const auto* decimal = std::get_if<Decimal>(&literal)) return push(Value{decimal});
  if (const auto* text = std::get_if<std::string>(&literal)) {
    return push(Value{std::string_view{*text}});
  }
  if (const auto* moment = std::get_if<Temporal>(&literal)) return push(Value{moment});
  const auto& quantity = std::get<QuantityLiteral>(literal);
  return push_quantity(
      {quantity.value, quantity.unit, quantity.calendar.has_value(), quantity.written});
}

// A path may start with the type of what it starts from: `Patient.name`.
bool Machine::root_member(const Node& node, const Frame& frame) {
  const MemberName& name = program_->members[node.text];
  if (name.upper) {
    const std::uint32_t base = top();
    for (std::uint32_t i = frame.self.begin; i < frame.self.end; ++i) {
      const Value value = stack_[i];
      if (value.is_element() && is_named_type(value.element(), name.name) && !push(value)) {
        return false;
      }
    }
    if (top() != base) return true;
  }
  for (std::uint32_t i = frame.self.begin; i < frame.self.end; ++i) {
    if (!members_of(Value{stack_[i]}, name)) return false;
  }
  return true;
}

bool Machine::is_named_type(const Element& element, std::string_view name) const {
  if (element.resource()) {
    const std::string_view type = element.resource_type();
    if (type == name) return true;
    if (is_abstract_resource(name)) return name == "Resource" || is_domain_resource(type);
    return false;
  }
  if (environment_.model == nullptr) return false;
  const auto type = environment_.model->type_of(element);
  const auto wanted = type == Model::no_type ? type : environment_.model->find(name);
  return wanted != Model::no_type && environment_.model->is_a(type, wanted);
}

/// Steps of a path that stand behind each other, without a call of `eval` for each.
bool Machine::path(const Node& last, const Frame& frame) {
  std::array<const Node*, path_steps_max> steps;
  std::size_t count = 0;
  const Node* at = &last;
  NodeId first = 0;
  do {
    steps[count++] = at;
    first = at->first;
    at = &program_->node(first);
  } while (at->op == Op::member && count < path_steps_max);
  steps_ += count - 1;
  const std::uint32_t base = top();
  if (!eval(first, frame)) return false;
  while (count > 0) {
    const Node& next = *steps[--count];
    position_ = next.position;
    if (!step(program_->members[next.text], base)) return false;
  }
  return true;
}

/// Puts the members of what lies above `base` in its place.
bool Machine::step(const MemberName& name, std::uint32_t base) {
  const std::uint32_t end = top();
  if (end - base == 1) return members_of(stack_.pop(), name);  // mostly: nothing to move
  for (std::uint32_t i = base; i < end; ++i) {
    if (!members_of(Value{stack_[i]}, name)) return false;
  }
  collapse(base, end);
  return true;
}

bool Machine::members_of(const Value& value, const MemberName& member) {
  const std::string_view name = member.name;
  if (!value.is_element()) return members_of_system(value, name);
  if (name.empty()) return true;
  const Element& element = value.element();
  for (const Element* child = element.first_child(); child != nullptr; child = child->next()) {
    const std::string_view wire = child->name();
    if (wire.size() < name.size() || wire.front() != name.front()) continue;
    const bool found = wire.size() == name.size()
                           ? wire == name && !(member.choice_wire && is_hidden(element, name))
                           : is_choice(element, wire, name);
    if (found && !push(Value{child})) return false;
  }
  return true;
}

bool Machine::members_of_system(const Value& value, std::string_view name) {
  if (value.kind() == ValueKind::type_info) {
    const TypeNames& types = value.types();
    if (name == "name") return push_text(types.name);
    if (name == "namespace") return push_text(types.space);
    if (name == "baseType" && !types.base.empty()) return push_text(types.base);
  }
  if (value.kind() == ValueKind::quantity) {
    if (name == "value") return push_decimal(value.quantity().value);
    if (name == "unit" || name == "code") return push_text(value.quantity().unit);
  }
  return true;
}

/// A choice goes on with the name of a type, in capitals: `value` in `valueQuantity`. Without a
/// model the spelling decides. Precondition: `wire` is longer than `name`.
bool Machine::is_choice(const Element& parent, std::string_view wire, std::string_view name) const {
  if (wire[name.size()] < 'A' || wire[name.size()] > 'Z') return false;
  if (!is_choice_of(wire, name)) return false;
  if (environment_.model == nullptr) return true;
  const auto type = environment_.model->type_of(parent);
  return type == Model::no_type || environment_.model->is_choice(type, name);
}

// FHIR R4 2.9.1.1: a choice is named by its base; `valueQuantity` is no FHIRPath.
bool Machine::is_hidden(const Element& parent, std::string_view name) const {
  if (environment_.model == nullptr) return false;
  const auto type = environment_.model->type_of(parent);
  return type != Model::no_type && environment_.model->is_choice_wire_name(type, name);
}

bool Machine::item(const Node& node, const Frame& frame, std::uint32_t base) {
  const std::uint32_t end = top();
  Range index;
  if (!eval_operand(node.second, frame, index)) return false;
  position_ = node.position;
  Value number;
  if (!singleton(index, number, "an index")) return false;
  number = system(number);
  if (number.kind() == ValueKind::none) {
    drop(base);
    return true;
  }
  if (number.kind() != ValueKind::integer) return fail("an index must be a whole number");
  const bool inside = number.integer() >= 0 && number.integer() < std::int64_t{end - base};
  const Value chosen = inside ? stack_[base + static_cast<std::size_t>(number.integer())] : Value{};
  drop(base);
  return !inside || push(chosen);
}

const Element* Machine::resource_of(bool root) const {
  if (root && context_.root_resource != nullptr) return context_.root_resource;
  const Element* resource = context_.resource;
  if (resource == nullptr && context_.focus != nullptr) {
    resource = context_.focus->enclosing_resource();
  }
  if (!root || resource == nullptr) return resource;
  const bool contained = resource->name() == "contained" && resource->parent() != nullptr;
  return contained ? resource->parent()->enclosing_resource() : resource;
}

bool Machine::external(const Node& node) {
  const std::string_view name = program_->names[node.text];
  for (auto at = variables_.rbegin(); at != variables_.rend(); ++at) {
    if (at->name != name) continue;
    for (const Value& value : at->values) {
      if (!push(value)) return false;
    }
    return true;
  }
  if (const auto known = environment_.variables.find(name); known != environment_.variables.end()) {
    for (const Value& value : known->second) {
      if (!push(value)) return false;
    }
    return true;
  }
  if (name == "context") {
    return context_.focus == nullptr || push(Value{context_.focus});
  }
  if (name == "resource" || name == "rootResource") {
    const Element* const resource = resource_of(name == "rootResource");
    return resource == nullptr || push(Value{resource});
  }
  const auto constant = std::ranges::find(constants, name, &Constant::name);
  if (constant != constants.end()) return push(Value{constant->value});
  if (name.starts_with("vs-")) {
    return push_text("http://hl7.org/fhir/ValueSet/" + std::string{name.substr(3)});
  }
  if (name.starts_with("ext-")) {
    return push_text("http://hl7.org/fhir/StructureDefinition/" + std::string{name.substr(4)});
  }
  return fail(Error::Kind::semantic, "there is no variable %" + std::string{name});
}

bool Machine::call(const Node& node, const Frame& frame, Range focus) {
  const FunctionRow& row = row_of(node.function);
  if (row.arguments == Arguments::per_item) return call_lambda(node, frame, focus);
  if (row.arguments == Arguments::type_name) {
    const TypeName& type = program_->types[node.text];
    if (node.function == Function::of_type) return of_type(focus, type);
    const std::uint32_t base = top();
    return push_all(focus) &&
           type_filter(since(base), type, node.function == Function::is ? Op::is : Op::as);
  }
  return call_values(node, frame, focus);
}

// The arguments are evaluated from where the call stands, not from its focus.
bool Machine::call_values(const Node& node, const Frame& frame, Range focus) {
  if (node.argument_count == 0) return dispatch(node.function, focus, {});
  const std::uint32_t base = top();
  std::array<Range, arguments_max> arguments;
  for (std::size_t i = 0; i < node.argument_count; ++i) {
    if (!eval_operand(program_->argument(node, i), frame, arguments[i])) return false;
  }
  position_ = node.position;
  const std::uint32_t from = top();
  if (!dispatch(node.function, focus, {arguments.data(), node.argument_count})) return false;
  collapse(base, from);
  return true;
}

bool Machine::call_lambda(const Node& node, const Frame& frame, Range focus) {
  const std::uint32_t from = top();
  const auto first = [&] { return program_->argument(node, 0); };
  switch (node.function) {
    case Function::exists:
      if (node.argument_count == 1) {
        if (!where(first(), frame, focus)) return false;
        focus = since(from);
        drop(from);
      }
      return push(Value{!focus.empty()});
    case Function::all:
      return all(first(), frame, focus);
    case Function::where:
      return where(first(), frame, focus);
    case Function::select:
      return select(first(), frame, focus);
    case Function::repeat:
      return repeat(first(), frame, focus, false);
    case Function::repeat_all:
      return repeat(first(), frame, focus, true);
    case Function::iif:
      return iif(node, frame, focus);
    case Function::aggregate:
      return aggregate(node, frame, focus);
    case Function::sort:
      return sort(node, frame, focus);
    case Function::trace:
      return trace(node, frame, focus);
    case Function::define_variable:
      return define_variable(node, frame, focus);
    default:
      return coalesce(node, frame);
  }
}

bool Machine::dispatch(Function function, Range focus, std::span<const Range> arguments) {
  if (function < Function::to_boolean) return collection_function(function, focus, arguments);
  if (function < Function::index_of) return conversion(function, focus, arguments);
  if (function < Function::abs_) return string_function(function, focus, arguments);
  if (function < Function::children) return math_function(function, focus, arguments);
  if (function < Function::low_boundary) return collection_function(function, focus, arguments);
  if (function < Function::extension) return boundary_function(function, focus, arguments);
  return fhir_function(function, focus, arguments);
}

}  // namespace cpis::fhir::path
