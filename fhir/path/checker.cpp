#include "fhir/path/checker.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "fhir/path/program.h"

namespace cpis::fhir::path {
namespace {

/// A FHIR type, or a System type by name.
struct Type {
  Model::TypeId fhir = Model::no_type;
  std::string_view system;
  friend bool operator==(const Type&, const Type&) = default;
};

/// What is known about a collection before there is data.
struct Shape {
  bool known = false;  ///< `types` is the whole truth
  std::vector<Type> types;
  bool many = true;
  bool ordered = true;

  bool only_system(std::string_view name) const {
    return known && !types.empty() &&
           std::ranges::all_of(types, [&](const Type& t) { return t.system == name; });
  }
};

Shape of_system(std::string_view name) { return {true, {{Model::no_type, name}}, false, true}; }
Shape unknown() { return {}; }

std::string_view literal_type(const Literal& literal) {
  constexpr std::array<std::string_view, 7> names{"Boolean", "Integer", "Long",    "Decimal",
                                                  "String",  "Date",    "Quantity"};
  if (const auto* moment = std::get_if<Temporal>(&literal)) {
    if (moment->kind == Temporal::Kind::time) return "Time";
    return moment->kind == Temporal::Kind::date ? "Date" : "DateTime";
  }
  return names[literal.index()];
}

// Where every function leads that is not treated by name.
std::string_view result_of(Function function) {
  switch (function) {
    case Function::count:
    case Function::to_integer:
    case Function::index_of:
    case Function::last_index_of:
    case Function::length:
    case Function::precision:
      return "Integer";
    case Function::to_decimal:
    case Function::exp_:
    case Function::ln:
    case Function::log_:
    case Function::sqrt_:
      return "Decimal";
    case Function::to_string:
    case Function::substring:
    case Function::upper_:
    case Function::lower_:
    case Function::replace:
    case Function::replace_matches:
    case Function::to_chars:
    case Function::split:
    case Function::join:
    case Function::trim:
    case Function::encode:
    case Function::decode:
    case Function::escape:
    case Function::unescape:
      return "String";
    case Function::to_date:
    case Function::today:
      return "Date";
    case Function::to_date_time:
    case Function::now:
      return "DateTime";
    case Function::to_time:
    case Function::time_of_day:
      return "Time";
    case Function::to_quantity:
      return "Quantity";
    case Function::to_long:
      return "Long";
    default:
      return {};
  }
}

bool is_condition(Function function) {
  switch (function) {
    case Function::empty_:
    case Function::exists:
    case Function::not_:
    case Function::all:
    case Function::all_true:
    case Function::any_true:
    case Function::all_false:
    case Function::any_false:
    case Function::subset_of:
    case Function::superset_of:
    case Function::is_distinct:
    case Function::is:
    case Function::to_boolean:
    case Function::starts_with:
    case Function::ends_with:
    case Function::contains:
    case Function::matches:
    case Function::matches_full:
    case Function::comparable:
    case Function::has_extension:
    case Function::has_value:
    case Function::conforms_to:
    case Function::member_of:
    case Function::subsumes:
    case Function::subsumed_by:
    case Function::html_checks:
      return true;
    default:
      break;
  }
  const auto name = row_of(function).name;
  return name.starts_with("convertsTo");
}

bool keeps_items(Function function) {
  switch (function) {
    case Function::where:
    case Function::distinct:
    case Function::single:
    case Function::first:
    case Function::last:
    case Function::tail:
    case Function::skip:
    case Function::take:
    case Function::intersect:
    case Function::exclude:
    case Function::trace:
    case Function::sort:
    case Function::define_variable:
      return true;
    default:
      return false;
  }
}

bool needs_order(Function function) {
  return function == Function::first || function == Function::last || function == Function::tail ||
         function == Function::skip || function == Function::take;
}

bool takes_text(Function function) {
  return function >= Function::index_of && function <= Function::unescape &&
         function != Function::join;
}

class Checker {
 public:
  Checker(const Program& program, const Model& model, const CheckOptions& options,
          CheckResult& result)
      : program_{program}, model_{model}, options_{options}, result_{result} {}

  void run() {
    Shape context = unknown();
    if (options_.context != Model::no_type) context = {true, {{options_.context, {}}}, false, true};
    context_ = context;
    const Shape shape = walk(program_.root, context);
    result_.may_have_several = shape.many;
    if (!shape.known) return;
    for (const Type& type : shape.types) {
      result_.types.push_back(type.fhir == Model::no_type
                                  ? "System." + std::string{type.system}
                                  : "FHIR." + std::string{model_.name_of(type.fhir)});
    }
  }

 private:
  void fail(const Node& node, std::string message) {
    result_.errors.push_back({Error::Kind::semantic, std::move(message), node.position});
  }

  Shape walk(NodeId id, const Shape& self) {
    const Node& node = program_.nodes[id];
    switch (node.op) {
      case Op::nothing:
        return {true, {}, false, true};
      case Op::literal:
        return of_system(literal_type(program_.literals[node.text]));
      case Op::this_:
        return self;
      case Op::index:
        return of_system("Integer");
      case Op::total:
        return unknown();
      case Op::external:
        return external(program_.names[node.text]);
      case Op::root_member:
        return root_member(node, self);
      case Op::call:
        return call(node, self, self);
      case Op::call_on:
        return call(node, walk(node.first, self), self);
      case Op::member:
        return member(node, walk(node.first, self), program_.members[node.text].name);
      case Op::item:
        return item(node, self);
      case Op::negative:
      case Op::positive:
        return walk(node.first, self);
      case Op::is:
        walk(node.first, self);
        type_named(node);
        return of_system("Boolean");
      case Op::as:
        return cast(node, walk(node.first, self));
      default:
        return binary(node, self);
    }
  }

  Shape external(const std::string& name) const {
    if (name == "context") return context_;
    if (name == "resource" || name == "rootResource") {
      if (options_.resource == Model::no_type) return unknown();
      return {true, {{options_.resource, {}}}, false, true};
    }
    if (name == "sct" || name == "loinc" || name == "ucum") return of_system("String");
    return unknown();
  }

  Shape root_member(const Node& node, const Shape& self) {
    const MemberName& name = program_.members[node.text];
    const auto named = name.upper ? model_.find(name.name) : Model::no_type;
    if (named == Model::no_type) return member(node, self, name.name);
    if (!self.known) return {true, {{named, {}}}, self.many, self.ordered};
    for (const Type& type : self.types) {
      if (type.fhir == Model::no_type) continue;
      if (model_.is_a(type.fhir, named)) return self;
      if (model_.is_a(named, type.fhir)) return {true, {{named, {}}}, self.many, self.ordered};
    }
    if (options_.strict) fail(node, "the expression does not start from a " + name.name);
    return unknown();
  }

  // Any resource may stand where the definitions say Resource.
  bool open(Model::TypeId type) const {
    const auto name = model_.name_of(type);
    return name == "Resource" || name == "DomainResource" || name == "Element" ||
           name == "BackboneElement";
  }

  Shape member(const Node& node, const Shape& of, const std::string& name) {
    if (!of.known || of.types.empty()) return {of.known, {}, of.many, of.ordered};
    Shape result{true, {}, of.many, of.ordered};
    bool found = false;
    for (const Type& type : of.types) {
      if (type.fhir == Model::no_type) {
        // Quantities and what type() gives have parts.
        if (type.system == "Quantity" || type.system.empty()) return unknown();
        continue;
      }
      const Model::Field field = model_.field(type.fhir, name);
      if (!field.known || field.asked_by_type) {
        if (open(type.fhir) && !field.asked_by_type &&
            model_.base_of(type.fhir) == Model::no_type) {
          return unknown();
        }
        if (open(type.fhir) && model_.name_of(type.fhir) == "DomainResource") return unknown();
        continue;
      }
      found = true;
      result.many = result.many || field.list;
      for (const auto id : field.types) {
        const Type each{id, {}};
        if (std::ranges::find(result.types, each) == result.types.end())
          result.types.push_back(each);
      }
    }
    if (found) return result;
    if (options_.strict) fail(node, "there is no element " + name + " here");
    return {true, {}, of.many, of.ordered};
  }

  Shape item(const Node& node, const Shape& self) {
    Shape result = walk(node.first, self);
    walk(node.second, self);
    check_order(node, result);
    result.many = false;
    return result;
  }

  void check_order(const Node& node, const Shape& shape) {
    if (options_.ordered && !shape.ordered) fail(node, "the collection has no order");
  }

  std::optional<Type> type_named(const Node& node) {
    const TypeName& type = program_.types[node.text];
    constexpr std::array<std::string_view, 10> system{"Boolean", "Integer", "Long", "Decimal",
                                                      "String",  "Date",    "Time", "DateTime",
                                                      "Any",     "Quantity"};
    const auto known = std::ranges::find(system, std::string_view{type.name});
    const auto fhir = type.space == "System" ? Model::no_type : model_.find(type.name);
    if (fhir != Model::no_type) return Type{fhir, {}};
    if (type.space != "FHIR" && known != system.end()) return Type{Model::no_type, *known};
    if (type.space != "System") fail(node, "there is no type " + type.name);
    return std::nullopt;
  }

  Shape cast(const Node& node, const Shape& from) {
    const auto type = type_named(node);
    if (!type) return unknown();
    return {true, {*type}, from.many, from.ordered};
  }

  bool is_text(const Shape& shape) const {
    if (!shape.known || shape.types.empty()) return true;
    return std::ranges::any_of(shape.types, [&](const Type& type) {
      return type.fhir == Model::no_type || model_.primitive(type.fhir) || open(type.fhir);
    });
  }

  Shape call(const Node& node, const Shape& focus, const Shape& self) {
    const FunctionRow& row = row_of(node.function);
    if (needs_order(node.function)) check_order(node, focus);
    if (options_.strict && takes_text(node.function) && !is_text(focus)) {
      fail(node, std::string{row.name} + "() takes a string");
    }
    if (row.arguments == Arguments::type_name) {
      if (node.function != Function::is) return cast(node, focus);
      type_named(node);
      return of_system("Boolean");
    }
    return result_shape(node, focus, arguments(node, focus, self));
  }

  std::vector<Shape> arguments(const Node& node, const Shape& focus, const Shape& self) {
    std::vector<Shape> shapes;
    const bool per_item = row_of(node.function).arguments == Arguments::per_item;
    const bool repeats = node.function == Function::repeat || node.function == Function::repeat_all;
    for (std::size_t i = 0; i < node.argument_count; ++i) {
      Shape inner = per_item ? focus : self;
      const bool outside = node.function == Function::trace ||
                           node.function == Function::coalesce ||
                           node.function == Function::define_variable;
      if (outside && i == 0) inner = self;
      inner.many = false;
      // What repeat() finds is looked at again with the same expression.
      if (repeats || node.function == Function::iif) inner = repeats ? unknown() : inner;
      shapes.push_back(walk(program_.argument(node, i), inner));
    }
    return shapes;
  }

  Shape result_shape(const Node& node, const Shape& focus, const std::vector<Shape>& arguments) {
    const Function function = node.function;
    if (function == Function::iif) return iif(node, arguments);
    if (function == Function::select) {
      Shape result = arguments[0];
      result.many = result.many || focus.many;
      result.ordered = result.ordered && focus.ordered;
      return result;
    }
    if (keeps_items(function)) {
      Shape result = focus;
      const bool one =
          function == Function::first || function == Function::last || function == Function::single;
      if (one) result.many = false;
      if (function == Function::sort) result.ordered = true;
      return result;
    }
    if (function == Function::union_ || function == Function::combine) {
      return joined(focus, arguments[0]);
    }
    if (function == Function::children || function == Function::descendants) {
      Shape result = unknown();
      result.ordered = false;
      return result;
    }
    if (function == Function::extension) return extension();
    if (is_condition(function)) return of_system("Boolean");
    const auto system = result_of(function);
    if (system.empty()) return unknown();
    Shape result = of_system(system);
    result.many = function == Function::to_chars || function == Function::split;
    return result;
  }

  Shape extension() const {
    const auto id = model_.find("Extension");
    if (id == Model::no_type) return unknown();
    return {true, {{id, {}}}, true, true};
  }

  Shape iif(const Node& node, const std::vector<Shape>& arguments) {
    const Shape& criterion = arguments[0];
    const auto boolean = [&](const Type& type) {
      return type.system == "Boolean" ||
             (type.fhir != Model::no_type && model_.system_type(type.fhir) == SystemType::boolean);
    };
    if (options_.strict && criterion.known && !criterion.types.empty() &&
        std::ranges::none_of(criterion.types, boolean)) {
      fail(node, "the criterion of iif() must be a boolean");
    }
    if (arguments.size() < 3) return arguments[1];
    return joined(arguments[1], arguments[2]);
  }

  static Shape joined(const Shape& a, const Shape& b) {
    Shape result{a.known && b.known, a.types, a.many || b.many, a.ordered && b.ordered};
    for (const Type& type : b.types) {
      if (std::ranges::find(result.types, type) == result.types.end()) result.types.push_back(type);
    }
    return result;
  }

  Shape binary(const Node& node, const Shape& self) {
    const Shape left = walk(node.first, self);
    const Shape right = walk(node.second, self);
    if (node.op == Op::union_) {
      Shape result = joined(left, right);
      result.many = true;
      return result;
    }
    if (node.op == Op::concatenate) return of_system("String");
    if (node.op >= Op::less) return of_system("Boolean");
    if (left.known && right.known && left.types == right.types && node.op != Op::divide)
      return left;
    return unknown();
  }

  const Program& program_;
  const Model& model_;
  const CheckOptions& options_;
  CheckResult& result_;
  Shape context_;
};

}  // namespace

CheckResult check(const Expression& expression, const Model& model, const CheckOptions& options) {
  CheckResult result;
  Checker{expression.program(), model, options, result}.run();
  return result;
}

}  // namespace cpis::fhir::path
