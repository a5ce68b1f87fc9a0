#pragma once

#include <string_view>

#include "fhir/issues.h"
#include "fhir/tree/document.h"

namespace cpis::fhir {

/// The findings as an OperationOutcome: severity, code, rule id (details.coding, of this system),
/// diagnostics, expression, and as location `Line 3, Col 5`. Without findings one information says
/// that all is well.
Document to_operation_outcome(const Issues& issues);

inline constexpr std::string_view rule_system = "urn:cpis-gateway:validation-rule";

}  // namespace cpis::fhir
