#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/core/result.h"
#include "adapters/core/time.h"

namespace cpis::spine {

/// A person as PDS describes them, reduced to what tracing needs. What is withheld is absent: it is
/// never taken as "none".
struct PdsPerson {
  NhsNumber nhs_number;
  std::string family;
  std::vector<std::string> given;
  std::optional<Date> birth_date;
  std::string gender;       ///< FHIR code; empty when not given
  bool restricted = false;  ///< meta.security R or more: where the person lives must not be shown
  bool deceased = false;

  friend bool operator==(const PdsPerson&, const PdsPerson&) = default;
};

/// The answer to a read: the person, and whether the number that was asked has been superseded by
/// theirs. After an adoption both numbers together are a disclosure: never log them in one line.
struct PdsRead {
  PdsPerson person;
  bool superseded = false;
};

/// The traits that a trace is made with. PDS needs family name and birth date at least.
struct PdsTraits {
  std::string family;
  std::vector<std::string> given;
  std::optional<Date> birth_date;
  std::string gender;
  std::string postcode;
};

/// `/Patient/{number}` and `/Patient?...`, to be put behind the base URL. An application may ask
/// for one result only. `bad_input` without family name and birth date.
std::string patient_path(const NhsNumber& number);
Result<std::string> patient_search(const PdsTraits& traits);

/// Reads the answers (spine.md 9.1). `not_found`: no such person, or the number was invalidated;
/// `conflict`: more than one person matches; `busy`: too many requests; `unavailable`, `forbidden`,
/// `bad_input` by PDS's own codes, which are named in the message.
Result<PdsRead> read_patient(int http_status, std::string_view body, const NhsNumber& asked);
Result<PdsPerson> read_search(int http_status, std::string_view body);

/// What PDS answers: for the simulator.
std::string write_patient(const PdsPerson& person);
std::string write_patient_searchset(const std::vector<PdsPerson>& people);

}  // namespace cpis::spine
