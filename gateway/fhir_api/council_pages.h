#pragma once

#include <string>
#include <string_view>

#include "gateway/fhir_api/operations.h"
#include "gateway/usecases/notice_log.h"

namespace cpis::fhir_api {

/// One notice with who has opened it. With an opener the opening is noted first, and only then is
/// anything shown; without one only who opened it is shown.
http::Response notice_page(const Operations::Parts& parts, std::string_view id,
                           const usecases::Opener* opener);

/// POST /admin/work-list: somebody takes an item or closes it. `body` is
/// `{"council":"E10","id":"...","do":"take"|"close"}`.
http::Response work_page(const Operations::Parts& parts, const std::string& body,
                         const std::string& who);

/// Prometheus lines about notices and extracts.
std::string council_metrics(const Operations::Parts& parts);

}  // namespace cpis::fhir_api
