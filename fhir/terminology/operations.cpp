#include "fhir/terminology/operations.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cpis::fhir {
namespace {

TerminologyAnswer refusal(AnswerState state, std::string_view code, std::string_view text) {
  TerminologyAnswer answer;
  answer.state = state;
  Document& doc = answer.document;
  Element& issue = doc.append_item(doc.set_root("OperationOutcome"), "issue");
  doc.append(issue, "severity", "error");
  doc.append(issue, "code", code);
  doc.append(issue, "diagnostics", text);
  return answer;
}

TerminologyAnswer no_such_set() {
  return refusal(AnswerState::not_found, "not-found", "the value set is not loaded here");
}

bool same_words(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

void add_part(Document& doc, std::string_view name, std::string_view value_name,
              std::string_view value, Kind kind = Kind::string) {
  Element& parameter = doc.append_item(doc.root(), "parameter");
  doc.append(parameter, "name", name);
  doc.append(parameter, value_name, value, kind);
}

TerminologyAnswer verdict(const CodeQuestion& question, const CodeAnswer& found) {
  const bool member = found.membership == Membership::yes;
  const bool wrong_display = member && !question.display.empty() && !found.display.empty() &&
                             !same_words(question.display, found.display);
  TerminologyAnswer answer;
  Document& doc = answer.document;
  doc.set_root("Parameters");
  add_part(doc, "result", "valueBoolean", member && !wrong_display ? "true" : "false",
           Kind::boolean);
  if (!member) {
    add_part(doc, "message", "valueString",
             question.value_set.empty() ? "the code is none of the code system"
                                        : "the code is not in the value set");
  } else if (wrong_display) {
    add_part(doc, "message", "valueString", "the code is known by another display");
  }
  if (!found.display.empty()) add_part(doc, "display", "valueString", found.display);
  return answer;
}

// What has to be loaded before the question can be answered.
std::string missing_for(const Terminology& terminology, const CodeQuestion& question) {
  std::string text =
      "cannot be decided here; this is no answer that the code is wrong. Not loaded:";
  const ValueSetMembers* const set =
      question.value_set.empty() ? nullptr : terminology.members(question.value_set);
  if (set == nullptr || set->open_systems().empty()) {
    return text.append(" ").append(question.system);
  }
  for (const std::string_view system : set->open_systems()) text.append(" ").append(system);
  return text;
}

void add_number(Document& doc, Element& parent, std::string_view name, std::size_t value) {
  doc.append(parent, name, std::to_string(value), Kind::number);
}

void add_concept(Document& doc, Element& expansion, const ExpandedConcept& one) {
  Element& contains = doc.append_item(expansion, "contains");
  if (!one.system.empty()) doc.append(contains, "system", one.system);
  if (one.abstract) doc.append(contains, "abstract", "true", Kind::boolean);
  if (one.inactive) doc.append(contains, "inactive", "true", Kind::boolean);
  doc.append(contains, "code", one.code);
  if (!one.display.empty()) doc.append(contains, "display", one.display);
}

std::string_view name_of(PublicationStatus status) {
  switch (status) {
    case PublicationStatus::draft:
      return "draft";
    case PublicationStatus::active:
      return "active";
    case PublicationStatus::retired:
      return "retired";
    default:
      return "unknown";
  }
}

void describe(Document& doc, const ValueSet& set) {
  Element& root = doc.set_root("ValueSet");
  doc.append(root, "url", set.url);
  if (!set.version.empty()) doc.append(root, "version", set.version);
  if (!set.name.empty()) doc.append(root, "name", set.name);
  if (!set.title.empty()) doc.append(root, "title", set.title);
  doc.append(root, "status", name_of(set.status));
}

}  // namespace

TerminologyAnswer validate_code(const Terminology& terminology, const CodeQuestion& question) {
  const bool in_set = !question.value_set.empty();
  if (in_set && terminology.members(question.value_set) == nullptr) return no_such_set();
  const CodeAnswer found =
      in_set ? terminology.validate(question.value_set, question.system, question.code)
             : terminology.lookup(question.system, question.code);
  if (found.membership == Membership::unknown) {
    return refusal(AnswerState::unknown, "incomplete", missing_for(terminology, question));
  }
  return verdict(question, found);
}

TerminologyAnswer expand_value_set(const Terminology& terminology, std::string_view canonical,
                                   const ExpansionRequest& request, std::string_view timestamp) {
  const ValueSetMembers* const members = terminology.members(canonical);
  const auto list = terminology.expand(canonical, request);
  if (members == nullptr || !list) return no_such_set();
  if (!list->missing_systems.empty()) {
    std::string text = "the value set cannot be listed whole here. Not loaded:";
    for (const std::string_view system : list->missing_systems) text.append(" ").append(system);
    return refusal(AnswerState::unknown, "incomplete", text);
  }
  TerminologyAnswer answer;
  Document& doc = answer.document;
  describe(doc, members->value_set());
  Element& expansion = doc.append(doc.root(), "expansion");
  doc.append(expansion, "timestamp", timestamp);
  add_number(doc, expansion, "total", list->total);
  add_number(doc, expansion, "offset", request.offset);
  for (const ExpandedConcept& one : list->concepts) add_concept(doc, expansion, one);
  return answer;
}

std::string canonical_of(const Definitions& definitions, std::string_view type, std::string_view id,
                         std::string_view home) {
  const bool value_set = type == "ValueSet";
  // HL7's code systems are named without their type, its other artefacts with it.
  const std::array candidates{
      std::string{home}.append("/").append(type).append("/").append(id),
      std::string{"http://hl7.org/fhir/"}.append(value_set ? "ValueSet/" : "").append(id),
      std::string{"http://terminology.hl7.org/"}.append(type).append("/").append(id)};
  for (const std::string& url : candidates) {
    const bool known =
        value_set ? definitions.value_set(url) != nullptr : definitions.code_system(url) != nullptr;
    if (known) return url;
  }
  return {};
}

}  // namespace cpis::fhir
