#pragma once

#include <span>
#include <string_view>

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/search_request.h"
#include "gateway/fhir_api/services.h"

namespace cpis::fhir_api {

/// One interaction the FHIR face offers. The router, the CapabilityStatement and the README's table
/// are made from these rows, so they cannot disagree.
struct Route {
  std::string_view type;         ///< first part of the path below the base
  std::string_view interaction;  ///< FHIR code: read, search-type
  std::string_view resource;     ///< what is returned, where it is not `type`
  std::span<const SearchParam> params;
  std::string_view includes;  ///< _include values, separated by blanks
  void (*handle)(const Services&, Exchange&&);
  std::string_view documentation;
};

std::span<const Route> routes();

/// The row for a type and interaction, or null.
const Route* find_route(std::string_view type, std::string_view interaction);
/// True when any row serves the type.
bool serves(std::string_view type);

}  // namespace cpis::fhir_api
