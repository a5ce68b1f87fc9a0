#pragma once

#include <memory>
#include <optional>

#include "fhir/path/environment.h"
#include "fhir/path/error.h"
#include "fhir/path/expression.h"
#include "fhir/path/value.h"
#include "fhir/tree/element.h"

namespace cpis::fhir::path {

class Machine;

/// Where an evaluation starts.
struct Context {
  /// %context and the first $this; null is the empty collection.
  const Element* focus = nullptr;
  /// %resource and %rootResource; null: found from the focus.
  const Element* resource = nullptr;
  const Element* root_resource = nullptr;
};

/// Evaluates compiled expressions; keeps its memory, so that a warm evaluation allocates nothing
/// unless it makes text. For one thread; make one per thread. FHIRPath N1; FHIR R4 2.9.
class Evaluator {
 public:
  /// `environment` must outlive the evaluator.
  explicit Evaluator(const Environment& environment);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  /// The result is valid until the next call, and only while the tree does not change. None when
  /// the evaluation failed: see `error()`.
  std::optional<Collection> evaluate(const Expression& expression, const Context& context);

  /// The result as a condition: none for the empty collection, true for one item that is no
  /// boolean. `failed` tells an error (several items, or a failed evaluation) from the empty
  /// collection.
  std::optional<bool> test(const Expression& expression, const Context& context, bool& failed);

  /// Of the last failed evaluation.
  const Error& error() const;

  /// A value's type: `System` and `Boolean`, `FHIR` and `Patient`. Name empty when not known.
  TypeNames type_of(const Value& value) const;

 private:
  std::unique_ptr<Machine> machine_;
};

}  // namespace cpis::fhir::path
