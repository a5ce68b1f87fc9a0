#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/issues.h"
#include "fhir/path/environment.h"
#include "fhir/path/error.h"

namespace cpis::fhir::path {

struct RunOptions {
  /// Unknown names and impossible types are errors, found before the evaluation.
  bool strict = false;
  /// For now(), today() and timeOfDay().
  std::optional<Temporal> now;
  /// Answers memberOf(), conformsTo() and so on; may be empty.
  Callbacks callbacks;
};

/// One item as a person reads it.
struct RunItem {
  std::string type;  ///< `FHIR.HumanName`, `System.Boolean`; empty when not known
  std::string path;  ///< `Patient.name[0]`; empty for what is no element of the resource
  std::string text;  ///< the literal; JSON for an element with children
};

struct RunResult {
  std::vector<RunItem> items;
  /// What trace() showed: `name: text`.
  std::vector<std::string> traced;
  /// Of the expression or its evaluation; then there are no items.
  std::optional<Error> error;
  /// Findings while the resource was read; with a fatal one there is nothing else.
  Issues issues;
  bool ok() const { return !error && issues.ok(); }
};

/// Reads one resource, JSON or XML by its first character, and evaluates the expression on it with
/// the R4 definitions. An empty `resource` stands for no context. Pure.
RunResult run(std::string_view expression, std::string_view resource, RunOptions options = {});

}  // namespace cpis::fhir::path
