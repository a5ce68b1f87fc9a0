#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir/path/environment.h"
#include "fhir/path/evaluator.h"
#include "fhir/tree/document.h"

namespace cpis::test {

/// `type:value` for each item, in order: what the official suite and our own table compare.
struct Outcome {
  std::optional<fhir::path::Error> error;
  std::vector<std::string> items;
};

std::string read_file(const std::filesystem::path& path);

/// Reads and keeps resources, JSON or XML by the name's ending, annotated with R4.
class Resources {
 public:
  explicit Resources(std::filesystem::path folder) : folder_{std::move(folder)} {}
  /// Null when the file cannot be read.
  const fhir::Element* get(const std::string& file);

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::unique_ptr<fhir::Document>> documents_;
};

struct Question {
  std::string expression;
  const fhir::Element* focus = nullptr;
  bool strict = false;
  bool ordered = false;
};

/// The environment of all cases: R4, a fixed clock, and a conformsTo() that knows R4's own types.
fhir::path::Environment suite_environment();

Outcome ask(const Question& question, const fhir::path::Environment& environment);

}  // namespace cpis::test
