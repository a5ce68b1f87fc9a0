#pragma once

#include <string>
#include <string_view>

#include "adapters/core/protection.h"
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
/// The answer to a failure: status and issue code from gateway/edge/error_rules.h; 503 says when to
/// try again.
http::Response error_answer(const Error& error);

/// 400 about one search parameter. `detail` is a Spine error code or empty.
http::Response bad_parameter(std::string_view name, std::string diagnostics,
                             std::string_view detail = {});

/// What a caller is told when nobody could say whether a record is held: 503 with Retry-After when
/// the question reached nobody, 504 when it may have and no answer is known, 502 when what came was
/// of no use, 500 when we were refused; 400 and 403 as they are.
http::Response could_not_ask_answer(const CouldNotAsk& unknown);

}  // namespace cpis::fhir_api
