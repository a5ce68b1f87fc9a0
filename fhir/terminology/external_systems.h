#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "fhir/terminology/membership.h"

namespace cpis::fhir {

/// A code of a system that no CodeSystem resource enumerates, decided by code: MIME types (BCP 13),
/// languages (BCP 47), currencies (ISO 4217), countries (ISO 3166-1), UCUM units. Of SNOMED CT and
/// LOINC only the form is known: a wrong check digit is a `no`, everything else `unknown`. Any
/// other system is `unknown`.
Membership external_membership(std::string_view system, std::string_view code);

/// True when `external_membership` can ever answer `yes` for this system.
bool is_external_system(std::string_view system);

/// Well-formed per RFC 5646 with a known two-letter language (or `unknown` for longer ones).
Membership language_membership(std::string_view tag);
/// `type/subtype` with parameters (RFC 6838, 2045), or FHIR's short forms `xml`, `json`, `ttl`.
Membership mime_type_membership(std::string_view text);
/// Six to eighteen digits with a right Verhoeff check digit.
bool is_snomed_id(std::string_view code);
/// `12345-6` with a right check digit (modulus 10), or the form of a part, list or answer code
/// (`LP12345-6`, `LL123-4`, `LA1234-5`).
bool is_loinc_code(std::string_view code);

/// The ids of an expression constraint that only lists them: `(1 |Term| OR 2 OR 3)`. None for any
/// other expression: it needs SNOMED CT itself.
std::optional<std::vector<std::string_view>> listed_snomed_ids(std::string_view constraint);

}  // namespace cpis::fhir
