#pragma once

#include "fhir/definitions/model.h"
#include "fhir/tree/document.h"

namespace cpis::fhir {

/// Builds the StructureDefinition resource, with its snapshot, in `document` (which is started
/// anew). What definitions.h does not keep is not there: narrative, definitions, comments,
/// mappings, the differential, publication dates. Elements stand in the order of the specification.
void write_structure(const StructureDefinition& structure, Document& document);

}  // namespace cpis::fhir
