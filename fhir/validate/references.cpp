#include <algorithm>
#include <string>
#include <utility>

#include "fhir/validate/reference_text.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

const Element* bundle_around(const Element& element) {
  const Element* found = nullptr;
  for (const Element* at = &element; at != nullptr; at = at->parent()) {
    if (at->resource_type() == "Bundle") found = at;
  }
  return found;
}

}  // namespace

const Element* Run::resolve(std::string_view reference, const Element& from) {
  if (reference.empty()) return nullptr;
  if (reference.front() == '#') {
    const Element* owner = from.enclosing_resource();
    while (owner != nullptr && owner->name() == "contained" && owner->parent() != nullptr) {
      owner = owner->parent()->enclosing_resource();
    }
    if (owner == nullptr || reference.size() == 1) return owner;
    for (const Element& contained : owner->children("contained")) {
      if (contained.value_of("id") == reference.substr(1)) return &contained;
    }
    return nullptr;
  }
  if (const Element* const bundle = bundle_around(from)) {
    if (const Element* const found = find_in_bundle(*bundle, reference, from)) return found;
  }
  return resolver_ ? resolver_(reference, from) : nullptr;
}

/// Is what is written a URL that a reference may be? What is not leads nowhere.
bool Run::reference_form(const Element& element) {
  const Element* const literal = element.first("reference");
  if (literal == nullptr || !literal->has_value() || literal->value().empty()) return true;
  const std::string_view text = literal->value();
  const ReferenceForm form = form_of(text);
  const auto tell = [&](Severity severity, std::string fault) {
    report(severity, IssueCode::value, *literal, "reference-format", std::move(fault));
    return severity > Severity::error;
  };
  if (form == ReferenceForm::absolute) {
    const bool uuid = text.starts_with("urn:uuid:");
    const char* const fault = literal_fault(uuid ? Primitive::uuid : Primitive::uri, text);
    return fault == nullptr || tell(Severity::error, "the reference " + std::string{fault});
  }
  if (form == ReferenceForm::local) return true;
  const Element* const bundle = bundle_around(element);
  if (bundle != nullptr && index_of(*bundle).by_url.contains(std::string{text})) return true;
  if (form == ReferenceForm::bare) {
    return tell(bundle != nullptr ? Severity::error : Severity::warning,
                "a relative reference names type and id");
  }
  if (form == ReferenceForm::broken) {
    return tell(Severity::error, "a relative reference is TYPE/ID, with an id that is one");
  }
  const std::string_view type = text.substr(0, text.find_first_of("/?"));
  if (types().resource(type) != Schema::no_type) return true;
  return tell(Severity::error, "there is no resource type of the name in the reference");
}

void Run::reference(const Element& element) {
  const FieldRule* const rule =
      element.definition() == no_annotation ? nullptr : &rules_.field(element.definition());
  if (rule == nullptr || !reference_form(element)) return;
  // Nearly every reference is what the base definitions allow; the rest is looked into.
  if (element.first("type") == nullptr) {
    const ReferenceText text = split_reference(element.value_of("reference"));
    const Schema::TypeId type = types().resource(text.type);
    const bool plain = text.base.empty() && type != Schema::no_type && !rule->field->choice &&
                       root_resource_ == &document_.root() &&
                       root_resource_->resource_type() != "Bundle";
    if (plain &&
        (rule->any_target ? rule->targets.empty()
                          : std::ranges::find(rule->targets, type) != rule->targets.end())) {
      return;
    }
  }
  for (const FieldType& type : rule->field->types) {
    if (type.type == element.type()) reference_profiles(element, type.targets, 0, {});
  }
}

/// Is what the reference leads to of a type (or profile) that `targets` allow?
void Run::reference_profiles(const Element& element, std::span<const std::string_view> targets,
                             std::uint8_t aggregation, std::string_view profile) {
  const std::string_view text = element.value_of("reference");
  const std::string_view said = element.value_of("type");
  const Element* const target = resolve(text, element);
  std::string_view type = target != nullptr ? target->resource_type() : type_in_reference(text);
  if (type.empty()) type = said.substr(said.rfind('/') + 1);
  if (!said.empty() && type != said.substr(said.rfind('/') + 1)) {
    report(Severity::error, IssueCode::invalid, element, "reference-type",
           "the type is not that of the reference", "type");
  }
  const bool local = !text.empty() && text.front() == '#';
  if (aggregation != 0 && !text.empty()) {
    const bool contained_only = aggregation == aggregation_contained;
    const bool referenced_only = (aggregation & aggregation_contained) == 0;
    if ((contained_only && !local) || (referenced_only && local)) {
      report(Severity::error, IssueCode::structure, element, "reference-aggregation",
             local ? "must not be a contained resource" : "must be a contained resource", {},
             {{}, profile, {}});
    }
  }
  if (types().resource(type) != Schema::no_type) {
    target_type(element, type, target, targets, profile);
  }
}

void Run::target_type(const Element& element, std::string_view type, const Element* target,
                      std::span<const std::string_view> targets, std::string_view profile) {
  if (targets.empty()) return;
  const Schema::TypeId found = types().resource(type);
  std::string allowed;
  std::vector<std::string_view> profiles;
  for (const std::string_view canonical : targets) {
    const StructureDefinition* const definition = rules_.definitions().structure(canonical);
    if (definition == nullptr) return;  // cannot be judged
    allowed += (allowed.empty() ? "" : ", ") + std::string{definition->type};
    if (!types().is_a(found, types().find(definition->type))) continue;
    if (!definition->profile()) return;
    profiles.push_back(canonical);
  }
  if (profiles.empty()) {
    // A profile may be met by what stands there in the end; the base definitions cannot.
    const bool certain = profile.empty() || target != nullptr;
    report(certain ? Severity::error : Severity::warning, IssueCode::structure, element,
           "reference-target", "must refer to " + allowed + ", not to " + std::string{type}, {},
           {{}, profile, {}});
    return;
  }
  if (target == nullptr || conforms_any(*target, profiles)) return;
  report(Severity::error, IssueCode::structure, element, "reference-profile",
         "what this refers to conforms to no profile that is allowed here", {}, {{}, profile, {}});
}

}  // namespace cpis::fhir
