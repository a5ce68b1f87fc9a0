#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/time.h"
#include "gateway/http/query_string.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

/// `ValueSet/$expand`, `CodeSystem/hl7-id/$validate-code`.
struct TerminologyTarget {
  std::string type;
  std::string id;  ///< percent-decoded; empty on the type
  std::string operation;
};

/// The part of a path below the base as one of the operations offered here; nothing when it is
/// none.
std::optional<TerminologyTarget> terminology_target(std::string_view below);

/// `$expand` on ValueSet and `$validate-code` on ValueSet and CodeSystem, of the type (by `url`)
/// and of one instance, by GET and by POST of a Parameters, over FHIR R4 and this product's own
/// value sets (http://hl7.org/fhir/R4/terminology-service.html).
///
/// 200 with the ValueSet or Parameters; 404 for a value set that is not loaded; 422 when a code
/// system that would decide is not loaded: unknown is never answered as `false`; 400 for a question
/// without its parts. Safe to call from many threads; blocks, so not on a loop.
class TerminologyApi {
 public:
  TerminologyApi();
  ~TerminologyApi();

  http::Response run(const TerminologyTarget& target, const http::QueryString& query,
                     std::string body, Time now) const;

 private:
  struct State;
  State& state() const;

  mutable std::once_flag made_;  // at the first use: most gateways are never asked
  mutable std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir_api
