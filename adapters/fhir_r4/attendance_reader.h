#pragma once

#include "adapters/core/attendance.h"
#include "fhir/tree/element.h"

namespace cpis::fhir_r4 {

/// Who a Patient is. An NHS number that is not valid is left out; two different valid ones make the
/// identity ambiguous. The status is that of the UK Core verification extension.
PatientIdentity read_identity(const fhir::Element& patient);

/// What a Patient says beside that, reduced to what decides something: birth date (only a whole
/// one), death, and whether the person must not be found (`meta.security` restricted or above).
PatientDetails read_details(const fhir::Element& patient);

/// An Encounter as one message about an attendance. `status` says what is asked: planned is a
/// pre-admission; arrived, triaged, in-progress and onleave are an arrival; finished is a
/// discharge; cancelled and entered-in-error take an arrival back; unknown restates the visit.
AdtEvent read_attendance(const fhir::Element& encounter);

}  // namespace cpis::fhir_r4
