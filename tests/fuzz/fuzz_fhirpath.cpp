#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/path/checker.h"
#include "fhir/path/definitions_model.h"
#include "fhir/path/evaluator.h"

namespace {

using namespace cpis::fhir;

constexpr std::string_view patient = R"({"resourceType":"Patient","id":"p1","active":true,
  "contained":[{"resourceType":"Organization","id":"o","name":"Fen Road Surgery"}],
  "extension":[{"url":"https://example.org/w","valueQuantity":{"value":12.50,"unit":"kg",
    "system":"http://unitsofmeasure.org","code":"kg"}}],
  "name":[{"use":"official","family":"Marlow","given":["Ida","Jo"]}],
  "birthDate":"2015-03-04","deceasedBoolean":false,
  "managingOrganization":{"reference":"#o"}})";

// Small enough that no input takes long.
constexpr path::Limits limits{20'000, 20'000, std::size_t{1} << 20U};

std::optional<std::string> answer(path::Evaluator& evaluator, const path::Expression& expression,
                                  const Element& focus) {
  const auto result = evaluator.evaluate(expression, {&focus, nullptr, nullptr});
  if (!result) return std::nullopt;
  std::string text;
  for (const path::Value& value : *result) {
    text += std::string{evaluator.type_of(value).name} + ':' + to_text(value) + '\n';
  }
  return text;
}

}  // namespace

/// Three ways to the same answer: a fresh and a warm evaluator, the annotated and the bare tree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto documents = [] {
    std::vector<Document> both(2);
    Issues issues;
    for (auto& document : both) json::read_view(patient, document, issues);
    Definitions::r4().types().annotate(both[0]);
    return both;
  }();
  static const auto environment = [] {
    path::Environment made;
    made.model = &path::DefinitionsModel::r4();
    made.now = path::Temporal::parse_date_time("2026-01-05T09:30:15.250Z");
    made.limits = limits;
    return made;
  }();
  static path::Evaluator warm{environment};

  path::Error error;
  const auto expression =
      path::Expression::compile({reinterpret_cast<const char*>(data), size}, error);
  if (!expression) return 0;
  path::CheckOptions options;
  options.context = environment.model->find("Patient");
  options.ordered = true;
  path::check(*expression, *environment.model, options);

  path::Evaluator fresh{environment};
  const auto first = answer(warm, *expression, documents[0].root());
  if (first != answer(fresh, *expression, documents[0].root())) std::abort();
  if (first != answer(warm, *expression, documents[1].root())) std::abort();
  return 0;
}
