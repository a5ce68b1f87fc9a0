#pragma once

#include <span>

#include "gateway/fhir_api/routes.h"

// The rows that each file of interactions brings. Add a function here and in routes.cpp.

namespace cpis::fhir_api {

std::span<const Route> protection_rows();    ///< protection_api.cpp
std::span<const Route> local_rows();         ///< local_rows.cpp
std::span<const Route> companion_rows();     ///< companion_rows.cpp
std::span<const Route> terminology_rows();   ///< terminology_api.cpp
std::span<const Route> validate_rows();      ///< validate_api.cpp
std::span<const Route> subscription_rows();  ///< subscription_api.cpp
std::span<const Route> topic_rows();         ///< topics_api.cpp

}  // namespace cpis::fhir_api
