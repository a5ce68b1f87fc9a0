#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/attendance.h"

namespace cpis::hl7v2 {

/// The text in capitals, blanks around it removed.
std::string in_capitals(std::string_view text);

/// PID-8: NHS digits (1, 2, 9, 0), HL7 letters (M, F, O, A, N, U) and the words for them.
/// Nothing for a code that is not known; the caller reports it, never guesses.
std::optional<Sex> sex_of(std::string_view code);

/// PV1-2: HL7 table 0004 and the words that UK systems write instead.
std::optional<PatientClass> patient_class_of(std::string_view code);

/// XPN-7 as a FHIR NameUse code: HL7 table 0200, ITK's words, Cerner's CURRENT; empty if unknown.
std::string_view name_use_of(std::string_view code);

/// XAD-7 as a FHIR AddressUse code: HL7 table 0190, ITK's PST and TMP, words; empty if unknown.
std::string_view address_use_of(std::string_view code);

/// A number tracing status in any spelling (`NSTS01`, `01`, `1`) as two digits, 01 to 08; empty
/// for anything else.
std::string nhs_number_status_of(std::string_view code);

/// True for what is spelt like an ODS code of a provider or its site, as messages carry it:
/// R and two, or R and four letters or digits, or three to six with both letters and digits.
bool looks_like_ods(std::string_view code);

}  // namespace cpis::hl7v2
