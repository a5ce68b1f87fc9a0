#include "tests/fhir/path/suite.h"

#include <fstream>
#include <iterator>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/path/checker.h"
#include "fhir/path/definitions_model.h"
#include "fhir/xml/reader.h"

namespace cpis::test {

using namespace cpis::fhir;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

const Element* Resources::get(const std::string& file) {
  auto& document = documents_[file];
  if (document) return document->empty() ? nullptr : &document->root();
  document = std::make_unique<Document>();
  const auto path = folder_ / file;
  if (!std::filesystem::exists(path)) return nullptr;
  Issues issues;
  const auto& types = Definitions::r4().types();
  xml::ReadOptions xml_options;
  xml_options.schema = &types;
  const bool good = path.extension() == ".json"
                        ? json::read(read_file(path), *document, issues)
                        : xml::read(read_file(path), *document, issues, xml_options);
  if (!good) {
    document->clear();
    return nullptr;
  }
  types.annotate(*document);
  return &document->root();
}

path::Environment suite_environment() {
  path::Environment environment;
  environment.model = &path::DefinitionsModel::r4();
  environment.now = path::Temporal::parse_date_time("2026-01-05T09:30:15.250Z");
  environment.callbacks.conforms_to = [](const Element& element,
                                         std::string_view profile) -> std::optional<bool> {
    constexpr std::string_view base = "http://hl7.org/fhir/StructureDefinition/";
    if (!profile.starts_with(base)) return std::nullopt;
    return element.resource_type() == profile.substr(base.size());
  };
  return environment;
}

Outcome ask(const Question& question, const path::Environment& environment) {
  Outcome outcome;
  path::Error error;
  const auto expression = path::Expression::compile(question.expression, error);
  if (!expression) {
    outcome.error = error;
    return outcome;
  }
  if (question.strict || question.ordered) {
    path::CheckOptions options;
    options.strict = question.strict;
    options.ordered = question.ordered;
    const auto& model = *environment.model;
    if (question.focus != nullptr) options.context = model.type_of(*question.focus);
    const auto checked = path::check(*expression, model, options);
    if (!checked.errors.empty()) {
      outcome.error = checked.errors.front();
      return outcome;
    }
  }
  path::Evaluator evaluator{environment};
  const auto result = evaluator.evaluate(*expression, {question.focus, nullptr, nullptr});
  if (!result) {
    outcome.error = evaluator.error();
    return outcome;
  }
  for (const path::Value& value : *result) {
    outcome.items.push_back(std::string{evaluator.type_of(value).name} + ':' + to_text(value));
  }
  return outcome;
}

}  // namespace cpis::test
