#include <algorithm>
#include <string>

#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

bool is_extension(const Element& element) {
  return element.name() == "extension" || element.name() == "modifierExtension";
}

/// Canonicals that HL7 defines: an unknown one is a mistake, not somebody's own.
constexpr std::string_view hl7_space = "http://hl7.org/fhir/";

}  // namespace

void Run::extension(const Element& element) {
  const std::string_view url = element.value_of("url");
  const Element* const parent = element.parent();
  if (url.empty() || parent == nullptr) return;
  if (url.find(':') == std::string_view::npos) {
    const std::string_view outer = parent->value_of("url");
    if (is_extension(*parent)) return sub_extension(element, outer);
    report(Severity::error, IssueCode::value, element, "extension-url",
           "the url of an extension must be absolute", "url");
    return;
  }
  if (url.find('|') != std::string_view::npos) {
    report(Severity::error, IssueCode::value, element, "extension-url",
           "the url of an extension must not have a version", "url");
  }
  const StructureDefinition* const definition = rules_.definitions().structure(url);
  if (definition == nullptr || definition->type != "Extension") {
    const bool wrong = url.starts_with(hl7_space) || element.name() == "modifierExtension";
    report(wrong ? Severity::error : Severity::information, IssueCode::extension, element,
           "extension-unknown", "the extension " + std::string{url} + " is not known here");
    return;
  }
  extension_context(element, *definition);
  profile(element, definition->url, true);
}

/// A part of a complex extension: known to the definition of the one around it?
void Run::sub_extension(const Element& element, std::string_view url) {
  const Profile* const outer = profiles_.find(url);
  if (outer == nullptr || outer->root == nullptr) return;
  const Node* const parts = outer->root->child("extension");
  if (parts == nullptr || parts->slices.empty()) return;
  const std::string_view own = element.value_of("url");
  const bool known = std::ranges::any_of(parts->slices, [own](const Node* slice) {
    const Node* const fixed = slice->child("url");
    return fixed == nullptr || fixed->fixed == nullptr || fixed->fixed->value() == own;
  });
  if (known) return;
  report(Severity::error, IssueCode::extension, element, "extension-part",
         "the extension " + std::string{url} + " has no such part");
}

void Run::extension_context(const Element& element, const StructureDefinition& definition) {
  const Element& parent = *element.parent();
  if (definition.contexts.empty()) return;
  const bool fits = std::ranges::any_of(definition.contexts, [&](const StructureContext& context) {
    return context_matches(parent, context);
  });
  if (fits) return;
  std::string allowed;
  for (const StructureContext& context : definition.contexts) {
    allowed += (allowed.empty() ? "" : ", ") + std::string{context.expression};
  }
  report(Severity::error, IssueCode::extension, element, "extension-context",
         "the extension is for " + allowed, {}, {{}, definition.url, {}});
}

/// FHIR R4 ElementDefinition paths as contexts: a type (also an ancestor of it), or an element of a
/// type, in both cases of the element that the extension stands in.
bool Run::context_matches(const Element& parent, const StructureContext& context) {
  std::string_view wanted = context.expression;
  if (context.type == ContextType::extension) {
    return is_extension(parent) && parent.value_of("url") == wanted.substr(0, wanted.find('#'));
  }
  if (context.type == ContextType::fhirpath) {
    path::Error error;
    const auto expression = path::Expression::compile(wanted, error);
    if (!expression || resource_ == nullptr) return true;
    const auto found = evaluator_.evaluate(*expression, {resource_, resource_, root_resource_});
    return !found || std::ranges::any_of(*found, [&](const path::Value& value) {
      return value.is_element() && &value.element() == &parent;
    });
  }
  if (wanted.starts_with("http://hl7.org/fhir/StructureDefinition/")) {
    wanted = wanted.substr(wanted.rfind('/') + 1);
  }
  wanted = wanted.substr(wanted.rfind('#') + 1);
  if (parent.type() == Schema::no_type) return true;
  const Schema::TypeId type = types().find(wanted);
  if (type != Schema::no_type && types().is_a(parent.type(), type)) return true;
  // The core extensions mean resources, too, when they say Element.
  if (wanted == "Element") return true;
  if (parent.definition() == no_annotation) return false;
  const ElementDefinition& definition = *types().field(parent.definition()).element;
  return definition.path == wanted || definition.base_path == wanted ||
         (definition.choice() && definition.path.substr(0, definition.path.size() - 3) == wanted);
}

}  // namespace cpis::fhir
