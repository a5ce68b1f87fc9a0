#include "gateway/fhir_api/exchange.h"

#include <utility>

#include "gateway/fhir_api/interaction_audit.h"
#include "gateway/fhir_api/present.h"

namespace cpis::fhir_api {

http::Response Exchange::dressed(http::Response response) const {
  response = present(std::move(response), wishes, request);
  response.set("X-Correlation-ID", correlation_id);
  if (!cors_origin.empty()) {
    response.set("Access-Control-Allow-Origin", cors_origin);
    response.set("Access-Control-Expose-Headers",
                 "ETag, Last-Modified, Location, Content-Location, X-Correlation-ID");
    response.add("Vary", "Origin");
  }
  return response;
}

void Exchange::send(http::Response response) {
  if (audit != nullptr && audit->wants(*this, response)) {
    return audit->answer(std::move(*this), std::move(response));
  }
  reply.send(dressed(std::move(response)));
}

}  // namespace cpis::fhir_api
