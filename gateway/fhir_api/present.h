#pragma once

#include "gateway/fhir_api/wishes.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

/// The answer as its client wants it: part of the elements, XML or JSON, indented, compressed; 304
/// when the client has it already. Answers that are no FHIR are only compressed.
http::Response present(http::Response response, const Wishes& wishes, const http::Request& request);

/// Whether the client's copy is still good (RFC 9110, 13.1.2 and 13.1.3; FHIR R4 3.1.0.3.5).
bool not_modified(const http::Request& request, const http::Response& response);

}  // namespace cpis::fhir_api
