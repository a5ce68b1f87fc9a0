#pragma once

#include <functional>
#include <memory>

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/services.h"

namespace cpis::fhir_api {

/// Asks about a person for this exchange and renders the answer on its loop. `render` gets the
/// record, or null when none is held; when nobody could say, the exchange is answered here.
using RenderRecord = std::function<http::Response(const Exchange&, const ProtectionRecord*)>;
void ask(const Services& services, Exchange&& exchange, const NhsNumber& person,
         std::string_view action, RenderRecord render);

}  // namespace cpis::fhir_api
