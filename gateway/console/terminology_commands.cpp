#include <iostream>

#include "fhir/terminology/operations.h"
#include "gateway/console/console.h"
#include "gateway/console/fhir_commands.h"

namespace cpis::console {
namespace {

std::string_view diagnostics_of(const fhir::Document& outcome) {
  const fhir::Element* const issue = outcome.root().first("issue");
  return issue == nullptr ? std::string_view{} : issue->value_of("diagnostics");
}

std::string_view parameter(const fhir::Document& parameters, std::string_view name) {
  for (const fhir::Element& one : parameters.root().children("parameter")) {
    if (one.value_of("name") == name) return one.choice("value")->value();
  }
  return {};
}

}  // namespace

int expand_set(const AskTerminology& asked) {
  const auto definitions = load_definitions(asked.packages);
  if (!definitions) return exit_failed;
  const fhir::Terminology terminology{*definitions};
  fhir::ExpansionRequest request;
  request.filter = asked.filter;
  request.count = asked.count;
  const auto list = terminology.expand(asked.canonical, request);
  if (!list) {
    std::cerr << asked.canonical << ": the value set is not loaded; --package brings others\n";
    return exit_findings;
  }
  if (!list->missing_systems.empty()) {
    std::cerr << asked.canonical << ": cannot be listed whole. Not loaded:";
    for (const std::string_view system : list->missing_systems) std::cerr << ' ' << system;
    std::cerr << '\n';
    return exit_findings;
  }
  for (const fhir::ExpandedConcept& one : list->concepts) {
    std::cout << one.system << '\t' << one.code << '\t' << one.display
              << (one.inactive ? "\tinactive" : "") << '\n';
  }
  if (list->total > list->concepts.size()) {
    std::cerr << list->concepts.size() << " of " << list->total << "; --count gives more\n";
  }
  return exit_ok;
}

int check_code(const AskTerminology& asked) {
  const auto definitions = load_definitions(asked.packages);
  if (!definitions) return exit_failed;
  const fhir::Terminology terminology{*definitions};
  const std::string_view text = asked.code;
  const std::size_t bar = text.find('|');
  fhir::CodeQuestion question;
  question.code = bar == text.npos ? text : text.substr(bar + 1);
  if (bar != text.npos) question.system = text.substr(0, bar);
  question.display = asked.display;
  const bool is_system = definitions->value_set(asked.canonical) == nullptr &&
                         terminology.knows_system(asked.canonical);
  (is_system ? question.system : question.value_set) = asked.canonical;
  const fhir::TerminologyAnswer answer = fhir::validate_code(terminology, question);
  if (answer.state != fhir::AnswerState::answered) {
    std::cerr << "unknown: " << diagnostics_of(answer.document) << '\n';
    return exit_failed;
  }
  const bool member = parameter(answer.document, "result") == "true";
  std::cout << (member ? "yes" : "no");
  if (const auto display = parameter(answer.document, "display"); !display.empty()) {
    std::cout << '\t' << display;
  }
  if (!member) std::cout << '\t' << parameter(answer.document, "message");
  std::cout << '\n';
  return member ? exit_ok : exit_findings;
}

}  // namespace cpis::console
