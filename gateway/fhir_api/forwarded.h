#pragma once

#include <string>

#include "gateway/config/settings.h"
#include "gateway/http/request.h"

namespace cpis::fhir_api {

/// The URL by which the client knows this server, without a slash at the end and without the FHIR
/// path: `http.base_url` when it is set; otherwise what a trusted proxy says (Forwarded, RFC 7239;
/// else X-Forwarded-Proto, -Host, -Port and -Prefix); otherwise the request's own host. Headers
/// from anybody else are passed over: they would let a client choose where links lead.
std::string external_url(const http::Request& request, const config::Settings& settings);

}  // namespace cpis::fhir_api
