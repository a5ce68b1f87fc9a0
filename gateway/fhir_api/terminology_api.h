#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/core/time.h"
#include "gateway/fhir_api/target.h"
#include "gateway/http/query_string.h"
#include "gateway/http/response.h"

namespace cpis::fhir {
class Definitions;
}

namespace cpis::fhir_api {

/// `$expand` on ValueSet and `$validate-code` on ValueSet and CodeSystem, of the type (by `url`)
/// and of one instance, by GET and by POST of a Parameters, over FHIR R4, this product's own
/// value sets and those of the packages given (http://hl7.org/fhir/R4/terminology-service.html).
///
/// 200 with the ValueSet or Parameters; 404 for a value set that is not loaded; 422 when a code
/// system that would decide is not loaded: unknown is never answered as `false`; 400 for a question
/// without its parts. Safe to call from many threads; blocks, so not on a loop.
class TerminologyApi {
 public:
  /// `definitions`: R4 and packages; null: R4 and this product's own, made when first needed.
  explicit TerminologyApi(std::shared_ptr<const fhir::Definitions> definitions = nullptr);
  ~TerminologyApi();

  /// `target` is one of terminology_rows().
  http::Response run(const Target& target, const http::QueryString& query, std::string body,
                     Time now) const;

 private:
  struct State;
  State& state() const;

  std::shared_ptr<const fhir::Definitions> definitions_;
  mutable std::once_flag made_;  // at the first use: most gateways are never asked
  mutable std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir_api
