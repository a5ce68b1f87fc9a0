#pragma once

#include "fhir/tree/document.h"
#include "gateway/fhir_api/wishes.h"

namespace cpis::fhir_api {

/// Takes out of a resource, or out of the matches of a Bundle, what `_summary` or `_elements` do
/// not ask for, and marks the rest SUBSETTED (FHIR R4 3.1.1.6.8, 3.1.1.6.9). What must be there,
/// and modifiers, stay. An OperationOutcome stays whole.
void keep_only(fhir::Document& doc, const Wishes& wishes);

}  // namespace cpis::fhir_api
