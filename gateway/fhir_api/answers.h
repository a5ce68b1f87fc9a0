#pragma once

#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "adapters/fhir_r4/outcome_mapper.h"
#include "fhir/tree/document.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

inline constexpr std::string_view fhir_json = "application/fhir+json";

/// A resource as the answer.
http::Response resource_answer(int status, const fhir::Element& resource);
/// An OperationOutcome of one issue as the answer.
http::Response outcome_answer(int status, const fhir_r4::OutcomeIssue& issue);
/// The answer to a failure: status and issue code from gateway/edge/error_rules.h; 503 and 504 say
/// when to try again.
http::Response error_answer(const Error& error);

/// 400 about one search parameter. `detail` is a Spine error code or empty.
http::Response bad_parameter(std::string_view name, std::string diagnostics,
                             std::string_view detail = {});

/// What a caller is told when nobody could say whether a record is held.
http::Response could_not_ask_answer(const Error& why);

}  // namespace cpis::fhir_api
