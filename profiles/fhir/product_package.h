#pragma once

#include "fhir/definitions/definitions.h"

namespace cpis::profiles {

/// Our profiles, value sets and search parameters as a package, for Definitions.
fhir::Package product_package();

/// FHIR R4 with our package on top, made at the first call; shared, immutable.
const fhir::Definitions& product_definitions();

}  // namespace cpis::profiles
