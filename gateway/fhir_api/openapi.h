#pragma once

#include <string>
#include <string_view>

namespace cpis::fhir_api {

/// OpenAPI 3.1 of the FHIR door, as JSON, made from the routes.
std::string openapi_document(std::string_view base, bool token_demanded);

}  // namespace cpis::fhir_api
