#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "adapters/spine/json.h"

namespace cpis::spine {

/// A person as PDS describes them, reduced to what tracing needs. Where they live, how they are
/// reached and who their GP is are never read, of nobody: what is not here cannot be handed out.
/// What is withheld is absent: it is never taken as "none".
struct PdsPerson {
  NhsNumber nhs_number;
  std::string family;
  std::vector<std::string> given;
  std::optional<Date> birth_date;
  std::string gender;  ///< FHIR code; empty when not given
  /// meta.security says more than "normal" (R, V, REDACTED, or a word that we do not know): where
  /// the person lives must not be shown by anybody.
  bool restricted = false;
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

/// The person of a Patient resource; nothing when it has no NHS number for its id.
std::optional<PdsPerson> read_person(JsonView patient);

/// Reads the answers (spine.md 9.1). `not_found`: PDS itself says that there is no such person, or
/// that the number was invalidated (a 404 of somebody on the way is a `fault`); for a search also
/// that it found nobody, which with a postcode says little: restricted people are not found by it;
/// `conflict`: more than one person matches; `busy`: too many requests; `unavailable`, `forbidden`,
/// `bad_input` by PDS's own codes, which are named in the message.
Result<PdsRead> read_patient(int http_status, std::string_view body, const NhsNumber& asked);
Result<PdsPerson> read_search(int http_status, std::string_view body);

/// Where a person lives, how they are reached and who their GP is: for the simulator alone, so that
/// tests can look for it where it must never be.
struct PdsHome {
  std::string line, postcode, phone, practice;
};
/// What PDS answers: for the simulator. It withholds `home` of a restricted person by leaving it
/// out here.
std::string write_patient(const PdsPerson& person, const PdsHome* home = nullptr);
std::string write_patient_searchset(const std::vector<PdsPerson>& people);

}  // namespace cpis::spine
