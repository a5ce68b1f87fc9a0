#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "fhir/issues.h"
#include "fhir/tree/document.h"
#include "fhir/validate/policy.h"
#include "gateway/http/query_string.h"
#include "gateway/http/response.h"

namespace cpis::fhir {
class Definitions;
}

namespace cpis::fhir_api {

/// `POST $validate` and `POST TYPE/$validate`: validates the body, a resource as JSON or XML or a
/// Parameters with `resource` and `profile`, against FHIR R4 and those profiles, of this product or
/// of the packages given, that it names or that the query's `profile` names. Always 200 with an
/// OperationOutcome when a resource could be read
/// (http://hl7.org/fhir/R4/resource-operation-validate.html); 400 otherwise.
/// Stores nothing.
///
/// Safe to call from many threads; blocks, so not on a loop.
class ValidateApi {
 public:
  /// `policy`: the severities that count here. `definitions`: R4 and packages; null: R4 and this
  /// product's own, made when they are first needed.
  explicit ValidateApi(fhir::Policy policy = {},
                       std::shared_ptr<const fhir::Definitions> definitions = nullptr);
  ~ValidateApi();

  /// Adds what is wrong with a resource that is to be written.
  void check(fhir::Document& document, fhir::Issues& issues) const;

  const fhir::Policy& policy() const { return policy_; }

  http::Response run(std::string_view type, const http::QueryString& query, std::string body) const;

 private:
  struct State;
  State& state() const;

  fhir::Policy policy_;
  std::shared_ptr<const fhir::Definitions> definitions_;
  mutable std::once_flag made_;  // at the first use: most gateways never validate
  mutable std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir_api
