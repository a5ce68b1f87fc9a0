#pragma once

#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/local_search.h"

namespace cpis::fhir_api {

/// The parameter of a page link. Its value is sealed (gateway/net/sealed_text.h): the whole query
/// and where the page begins. It holds for the client it was made for, on every gateway of the same
/// store, and after a restart; nothing is kept here for it.
inline constexpr std::string_view page_parameter = "_page";

Result<std::string> seal_page(const Services& services, const Exchange& exchange,
                              const LocalQuery& query, std::string_view next);
/// Fills items and place. False when it cannot be opened for this client and type.
bool open_page(const Services& services, const Exchange& exchange, std::string_view sealed,
               LocalQuery& query);

}  // namespace cpis::fhir_api
