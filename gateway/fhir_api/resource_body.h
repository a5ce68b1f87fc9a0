#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/issues.h"
#include "fhir/tree/document.h"
#include "fhir/validate/policy.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

/// The findings as the answer.
http::Response issues_answer(int status, const fhir::Issues& issues);

/// The body without its content coding: gzip is undone up to `bytes_max`. A response when it cannot
/// be (400, 413, 415).
std::optional<http::Response> take_plain_body(http::Request& request, std::size_t bytes_max,
                                              std::string& body);

/// Reads a resource by its Content-Type, application/fhir+json or application/fhir+xml. 415 for
/// another one, 400 with what is wrong when the text is no resource. `policy` decides how severe
/// findings of the reader are.
std::optional<http::Response> read_resource(std::string_view content_type, std::string body,
                                            fhir::Document& doc, const fhir::Policy& policy);

/// What is stored: the resource as JSON with this id in front, then meta without versionId and
/// lastUpdated, which are ours to give.
std::string stored_form(const fhir::Element& resource, std::string_view id);

/// `W/"3"` or `"3"`: the version; nothing for anything else.
std::optional<std::int64_t> version_of_etag(std::string_view etag);

/// 1 to 64 letters, digits, `-` and `.`.
bool is_resource_id(std::string_view text);

}  // namespace cpis::fhir_api
