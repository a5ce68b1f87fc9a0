#pragma once

#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/services.h"
#include "gateway/fhir_api/terminology_api.h"
#include "gateway/fhir_api/validate_api.h"
#include "gateway/http/reply.h"

namespace cpis::fhir_api {

inline constexpr std::string_view base_path = "/FHIR/R4";

/// Everything below /FHIR/R4: authenticates, finds the route, hands over. Called on loop threads.
class FhirService final : public http::HttpHandler {
 public:
  explicit FhirService(const Services& services)
      : services_{services}, authenticate_{services.gatekeeper, services.refusals} {}

  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  void route(Exchange&& exchange, std::string_view below) const;
  std::string base_of(const http::Request& request) const;

  void validate(Exchange&& exchange, std::string type) const;
  void terminology(Exchange&& exchange, TerminologyTarget target) const;

  Services services_;
  Authenticate authenticate_;
  ValidateApi validate_;
  TerminologyApi terminology_;
};

}  // namespace cpis::fhir_api
