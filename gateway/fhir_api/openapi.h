#pragma once

#include <string>
#include <string_view>

namespace cpis::fhir_api {

/// OpenAPI 3.1 of the HTTP door, as JSON, made from the routes and from other_places.h. `base` is
/// that of the FHIR server and ends in /FHIR/R4.
std::string openapi_document(std::string_view base, bool token_demanded, bool token_endpoint);

}  // namespace cpis::fhir_api
