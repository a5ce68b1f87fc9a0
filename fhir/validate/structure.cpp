#include <algorithm>
#include <string>
#include <utility>

#include "fhir/validate/narrative.h"
#include "fhir/validate/run.h"
#include "fhir/validate/suggest.h"

namespace cpis::fhir {
namespace {

std::string in_quotes(std::string_view name) { return "'" + std::string{name} + "'"; }

/// `multipleBirth` and `Base64Binary` of `multipleBirthBase64Binary`, when the type has that
/// choice.
const Field* choice_of(const TypeInfo& info, std::string_view wire_name) {
  for (const Field& field : info.fields) {
    if (!field.choice || wire_name.size() <= field.name.size()) continue;
    if (!wire_name.starts_with(field.name)) continue;
    const char next = wire_name[field.name.size()];
    if (next >= 'A' && next <= 'Z') return &field;
  }
  return nullptr;
}

std::vector<std::string_view> known_names(const TypeInfo& info) {
  std::vector<std::string_view> names;
  for (const Field& field : info.fields) {
    for (const FieldType& type : field.types) names.push_back(type.wire_name);
  }
  return names;
}

bool has_content(const Element& element) {
  const ElementRange children = element.children();
  return std::ranges::any_of(children, [](const Element& child) { return child.name() != "id"; });
}

bool kind_fits(const Element& element, Kind wanted, bool from_xml) {
  if (element.kind() == wanted || element.kind() == Kind::null) return true;
  // A primitive with extensions and no value, read from XML without a schema.
  return from_xml && (element.kind() == Kind::string || element.kind() == Kind::complex);
}

}  // namespace

void Run::resource(const Element& element_) {
  const Element* const outer = resource_;
  const Element* const outer_root = root_resource_;
  const bool contained = element_.name() == "contained" && element_.parent() != nullptr;
  resource_ = &element_;
  if (!contained) root_resource_ = &element_;
  if (element_.type() == Schema::no_type) {
    report(Severity::error, IssueCode::structure, element_, "resource-type",
           "there is no resource type of this name");
  } else {
    element(element_, element_.type());
    if (!options_.structure_only) {
      ids(element_);
      profile_names(element_);
      special_resource(element_, types().info(element_.type()).name);
      if (options_.declared_profiles) declared(element_);
    }
  }
  resource_ = outer;
  root_resource_ = outer_root;
}

void Run::element(const Element& element, Schema::TypeId type) {
  if (type == Schema::no_type) return;
  if (++depth_ > validate_depth_max) {
    report(Severity::error, IssueCode::too_costly, element, "depth-max",
           "nested too deep to check");
    --depth_;
    return;
  }
  const TypeRule& rule = rules_.type(type);
  if (rule.primitive != Primitive::none) {
    if (!primitive(element, rule)) {
      --depth_;
      return;
    }
  } else if (element.primitive()) {
    report(Severity::error, IssueCode::structure, element, "type-object",
           "must be an object of type " + std::string{rule.info->type_name} + ", not a literal");
    --depth_;
    return;
  } else if (!element.resource() && !has_content(element)) {
    report(Severity::error, IssueCode::invariant, element, "ele-1",
           "an element must have a value or children");
  }
  if (element.has_children() || rule.required != 0) children(element, rule);
  if (!options_.structure_only) {
    special(element, rule);
    invariants(element, rule.invariants);
  }
  --depth_;
}

void Run::children(const Element& element, const TypeRule& rule) {
  FieldSet seen = 0;
  const bool json = document_.format() == Format::json;
  for (const Element* one = element.first_child(); one != nullptr; one = one->next()) {
    if (one->definition() == no_annotation) {
      unknown(element, *one, rule);
      continue;
    }
    const ChildShape shape = rules_.shape(one->definition());
    const bool again = (seen & shape.bit) != 0;
    seen |= shape.bit;
    if (again && !shape.list) repeated(element, *one, types().field(one->definition()));
    if (json && one->listed() != shape.list && one->index() == 0) wrong_array(*one, shape.list);
    child(*one, shape);
  }
  if ((rule.required & ~seen) != 0) missing(element, rule, seen);
}

void Run::child(const Element& one, ChildShape shape) {
  if (!shape.holds_resource) {
    element(one, one.type());
  } else if (one.resource()) {
    resource(one);
  } else {
    report(Severity::error, IssueCode::structure, one, "resource-type",
           "a resource was expected: there is no resourceType");
  }
  if (options_.structure_only || !shape.has_rules) return;
  const FieldRule& own = rules_.field(one.definition());
  invariants(one, own.invariants);
  if (own.binding != nullptr && !in_required_set(one, own)) binding(one, *own.binding, {});
}

/// The fast answer for what nearly every code is: one of its required value set.
bool Run::in_required_set(const Element& element, const FieldRule& rule) const {
  return rule.required_set != nullptr && rule.binding->max_value_set.empty() &&
         element.type() != Schema::no_type &&
         rules_.type(element.type()).primitive == Primitive::code &&
         element.kind() == Kind::string &&
         membership(element, rule.required_set) == Membership::yes;
}

void Run::missing(const Element& element, const TypeRule& rule, FieldSet seen) {
  for (const Field& field : rule.info->fields) {
    if ((rule.required & ~seen & FieldSet{1} << field.order) == 0) continue;
    const std::string name = std::string{field.name} + (field.choice ? "[x]" : "");
    report(Severity::error, IssueCode::required, element, "cardinality-min",
           in_quotes(name) + " is required here", field.name);
  }
}

void Run::repeated(const Element& parent, const Element& child, const Field& field) {
  const std::string name = std::string{field.name} + (field.choice ? "[x]" : "");
  report(Severity::error, IssueCode::structure, field.choice ? child : parent, "cardinality-max",
         in_quotes(name) + " may be there once only",
         field.choice ? std::string_view{} : field.name);
}

void Run::wrong_array(const Element& child, bool list) {
  Issue issue;
  issue.code = IssueCode::structure;
  issue.path = path_of(child);
  if (issue.path.ends_with(']')) issue.path.resize(issue.path.rfind('['));
  issue.line = child.line();
  issue.column = child.column();
  issue.diagnostics = in_quotes(child.name()) + (list ? " repeats and must be an array"
                                                      : " does not repeat and must be no array");
  add(std::move(issue), list ? "json-array" : "json-no-array", {});
}

void Run::unknown(const Element& parent, const Element& child, const TypeRule& rule) {
  std::string text =
      "there is no element " + in_quotes(child.name()) + " in " + std::string{rule.info->name};
  const Field* const choice = choice_of(*rule.info, child.name());
  if (choice != nullptr) {
    text = in_quotes(child.name().substr(choice->name.size())) + " is no type that " +
           std::string{choice->name} + "[x] may have";
    report(Severity::error, IssueCode::structure, child, "choice-type", std::move(text));
    return;
  }
  const std::string_view near = suggest(child.name(), known_names(*rule.info));
  if (!near.empty()) text += "; did you mean " + in_quotes(near) + "?";
  const bool in_primitive = parent.primitive();
  report(Severity::error, IssueCode::structure, child,
         in_primitive ? "unknown-in-primitive" : "unknown-element", std::move(text));
}

bool Run::primitive(const Element& element, const TypeRule& rule) {
  const bool from_xml = document_.format() != Format::json;
  if (!kind_fits(element, rule.info->wire_kind, from_xml)) {
    const char* const wanted = element.primitive() ? " must be another kind of literal: it is a "
                                                   : " must be a literal, not an object: it is a ";
    report(Severity::error, IssueCode::structure, element, "type-literal",
           in_quotes(element.name()) + wanted + std::string{rule.info->name});
    return false;
  }
  if (!element.has_value()) {
    if (element.first("extension") == nullptr) {
      report(Severity::error, IssueCode::structure, element, "ele-1",
             "a primitive must have a value or an extension");
    }
    return true;
  }
  if (const char* const fault = literal_fault(rule.primitive, element.value())) {
    report(Severity::error, IssueCode::value, element, "literal",
           in_quotes(element.name()) + " " + fault + " (" + std::string{rule.info->name} + ")");
  }
  const bool text = rule.primitive == Primitive::string || rule.primitive == Primitive::markdown;
  if (text && only_blanks(element.value())) {
    report(Severity::error, IssueCode::value, element, "blank-text",
           in_quotes(element.name()) + " has nothing but blanks");
  }
  if (rule.primitive == Primitive::uri && uuid_in_capitals(element.value())) {
    // Examples of the specification have them; only where URLs are compared does it matter.
    const bool compared = element.name() == "fullUrl";
    report(compared ? Severity::error : Severity::warning, IssueCode::value, element, "uuid-case",
           in_quotes(element.name()) + " is a UUID in capital letters");
  }
  if (options_.security_checks && rule.primitive == Primitive::string &&
      (element.value().find("</") != std::string_view::npos ||
       element.value().find("/>") != std::string_view::npos ||
       element.value().find("<script") != std::string_view::npos)) {
    report(Severity::error, IssueCode::value, element, "embedded-html",
           "the text looks as if it had HTML tags in it");
  }
  return true;
}

void Run::special(const Element& element, const TypeRule& rule) {
  switch (rule.special) {
    case Special::none:
      return;
    case Special::extension:
      return extension(element);
    case Special::reference:
      return reference(element);
    case Special::narrative:
      return narrative(element);
    case Special::coding:
    case Special::quantity:
      return coding(element);
    case Special::identifier:
      return identifier_system(element);
    case Special::attachment:
      return attachment(element);
    case Special::codeable_concept:
    case Special::meta:
      return;
  }
}

void Run::narrative(const Element& element) {
  const Element* const div = element.first("div");
  if (div == nullptr || !div->has_value()) return;
  const NarrativeFaults faults = check_narrative(div->value());
  const auto tell = [&](const char* fault, std::string_view rule) {
    if (fault == nullptr) return;
    report(Severity::error, IssueCode::invalid, *div, rule, "the narrative " + std::string{fault});
  };
  tell(faults.markup, "xhtml");
  tell(faults.content, "txt-1");
  tell(faults.empty, "txt-2");
}

void Run::attachment(const Element& element) {
  const Element* const size = element.first("size");
  const Element* const data = element.first("data");
  if (size == nullptr || data == nullptr || !data->has_value()) return;
  std::size_t letters = 0;
  for (const char c : data->value()) letters += (c > ' ' && c != '=') ? 1U : 0U;
  if (size->value() != std::to_string(letters * 3 / 4)) {
    report(Severity::error, IssueCode::structure, element, "attachment-size",
           "the size is not that of the data");
  }
}

}  // namespace cpis::fhir
