#pragma once

#include <string>
#include <string_view>

#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/interaction_audit.h"
#include "gateway/fhir_api/services.h"
#include "gateway/http/reply.h"

namespace cpis::fhir_api {

inline constexpr std::string_view base_path = "/FHIR/R4";

/// Everything below /FHIR/R4: reads how the answer is wanted, authenticates, finds the route, hands
/// over. Called on loop threads.
class FhirService final : public http::HttpHandler {
 public:
  explicit FhirService(const Services& services);

  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  void serve(Exchange&& exchange, const std::string& below) const;
  void route(Exchange&& exchange, const std::string& below) const;
  bool answer_openly(Exchange& exchange, const std::string& below) const;
  std::string origin_of(const http::Request& request) const;

  Services services_;
  InteractionAudit audit_;
  Authenticate authenticate_;
};

}  // namespace cpis::fhir_api
