#pragma once

#include <string>
#include <string_view>

namespace cpis::fhir_api {

/// The CapabilityStatement of this server, made from the routes.
std::string capability_statement(std::string_view base, bool token_demanded,
                                 std::string_view token_url = {});

}  // namespace cpis::fhir_api
