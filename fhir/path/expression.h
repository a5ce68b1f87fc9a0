#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "fhir/path/error.h"

namespace cpis::fhir::path {

struct Program;

/// A compiled FHIRPath expression (FHIRPath N1, http://hl7.org/fhirpath/N1). Immutable, cheap to
/// copy, safe to share between threads; compile once and evaluate often.
class Expression {
 public:
  /// None, with `error` set, when the text is no FHIRPath or names a function that does not exist.
  static std::optional<Expression> compile(std::string_view text, Error& error);

  std::string_view text() const;
  /// For the evaluator and the checker.
  const Program& program() const { return *program_; }

 private:
  explicit Expression(std::shared_ptr<const Program> program) : program_{std::move(program)} {}
  std::shared_ptr<const Program> program_;
};

}  // namespace cpis::fhir::path
