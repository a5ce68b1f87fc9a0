#pragma once

#include <string_view>

#include "adapters/core/attendance.h"

namespace cpis::fhir_r4 {

/// The class of a visit as a word: `emergency`, `inpatient`... What was sent and says nothing of
/// the kind of care stays apart (`not-applicable`, `commercial` of HL7 table 0004); everything else
/// that is not known is `unknown`.
std::string_view class_word(const VisitDetails& visit);

struct ClassCoding {
  std::string_view system, code, display;
};

/// Encounter.class, which FHIR demands. A class that is not known is said to be unknown, by the
/// code of HL7 table 0004 that says so: none of FHIR's own codes does, and any of them would be
/// invented.
ClassCoding class_coding(const VisitDetails& visit);

}  // namespace cpis::fhir_r4
