#pragma once

#include <string>
#include <vector>

#include "fhir/path/error.h"
#include "fhir/path/expression.h"
#include "fhir/path/model.h"

namespace cpis::fhir::path {

struct CheckOptions {
  /// The type of $this and %context; `no_type` when not known.
  Model::TypeId context = Model::no_type;
  /// The type of %resource; `no_type` when not known.
  Model::TypeId resource = Model::no_type;
  /// Names that lead nowhere are errors, not empty collections.
  bool strict = true;
  /// first(), last(), tail(), skip(), take() and [n] on a collection without order are errors.
  bool ordered = false;
};

/// What can be said about an expression without data. FHIRPath N1, section 8.
struct CheckResult {
  std::vector<Error> errors;
  /// The types an item of the result may have: `FHIR.Patient`, `System.Boolean`. Empty: not known.
  std::vector<std::string> types;
  bool may_have_several = true;
};

/// Walks the expression with types instead of values. What is not known is never an error.
CheckResult check(const Expression& expression, const Model& model, const CheckOptions& options);

}  // namespace cpis::fhir::path
