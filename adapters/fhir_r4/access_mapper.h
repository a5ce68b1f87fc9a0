#pragma once

#include <string>

#include "adapters/core/access.h"
#include "fhir/tree/document.h"

namespace cpis::fhir_r4 {

/// One listed look as an AuditEvent of the CP-IS FHIR API (cpis.md 14.2): `recorded` is the time,
/// the agent names person, role and organisation, an entity of type ASSIGNED refers to the
/// PractitionerRole.
void write_access(fhir::Document& doc, fhir::Element& event, const AccessEvent& access);

/// Who looked, as the PractitionerRole that `write_access` refers to.
void write_accessor(fhir::Document& doc, fhir::Element& role, const AccessEvent& access);

/// The id that both share: the look's own id in lower case.
std::string access_id(const AccessEvent& access);

}  // namespace cpis::fhir_r4
