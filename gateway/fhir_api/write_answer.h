#pragma once

#include <string>

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/write_plan.h"

namespace cpis::fhir_api {

/// The answer to a write that is durable, as Prefer: return= asks (FHIR R4 3.1.0.1.9).
/// `body` is as it was stored, without a version.
http::Response written_answer(const std::string& base, const Wishes& wishes, const Planned& planned,
                              std::string_view body, std::int64_t version, Time at);
/// The answer when there was nothing to write: a condition found the resource, or nothing to
/// delete.
http::Response unwritten_answer(const std::string& base, const Wishes& wishes,
                                const Planned& planned);
usecases::Writer writer_of(const Exchange& exchange);

}  // namespace cpis::fhir_api
