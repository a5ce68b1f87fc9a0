// Answers FHIRPath expressions, one a line, on one resource; for compare.mjs.
// Usage: fhirpath_answer RESOURCE.json < expressions
// Prints a line for each: `!kind` for an error, otherwise a JSON array of the texts of the items,
// elements with children as JSON.
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "fhir/json/writer.h"
#include "fhir/path/evaluator.h"
#include "tests/fhir/path/suite.h"

namespace {

using namespace cpis;
using namespace cpis::fhir;

constexpr std::string_view kinds[] = {"syntax", "semantic", "execution", "limit"};

std::string error_line(const path::Error& error) {
  return '!' + std::string{kinds[static_cast<std::size_t>(error.kind)]} + ' ' + error.message;
}

std::string answer(const std::string& text, const Element& focus, path::Evaluator& evaluator) {
  path::Error error;
  const auto expression = path::Expression::compile(text, error);
  if (!expression) return error_line(error);
  const auto result = evaluator.evaluate(*expression, {&focus, nullptr, nullptr});
  if (!result) return error_line(evaluator.error());
  std::string line = "[";
  for (const path::Value& value : *result) {
    if (line.size() > 1) line += ',';
    const bool complex = value.is_element() && !value.element().primitive();
    json::write_string(line, complex ? json::write(value.element()) : to_text(value));
  }
  return line + ']';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path file{argv[1]};
  test::Resources resources{file.parent_path()};
  const Element* const focus = resources.get(file.filename().string());
  if (focus == nullptr) return 2;
  const auto environment = test::suite_environment();
  path::Evaluator evaluator{environment};
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("%s\n", answer(line, *focus, evaluator).c_str());
  }
  return 0;
}
