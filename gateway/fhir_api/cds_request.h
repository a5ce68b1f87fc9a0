#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/core/attendance.h"
#include "adapters/core/result.h"

namespace cpis::fhir_api {

/// What an EHR calls a CDS service with (CDS Hooks 2.0, "HTTP Request"), as far as it is used.
struct CdsRequest {
  std::string hook;
  std::string hook_instance;
  std::string user_id;       ///< `Practitioner/abc`, as the EHR names who looks
  std::string patient_id;    ///< FHIR id in the EHR
  std::string encounter_id;  ///< may be empty
  /// Who the prefetched Patient is; nothing when there is none, or it could not be read.
  std::optional<PatientIdentity> person;
};

/// Reads a call. `bad_input` says what is missing or wrong, without a value: no JSON object, a
/// member that is needed and not there or stands there twice, a prefetched Patient that is not the
/// one of the context. Members that are not used may be anything.
Result<CdsRequest> read_cds_request(std::string body);

/// What became of one card.
struct CdsFeedback {
  std::string card;     ///< its uuid
  std::string outcome;  ///< accepted or overridden
  std::string reason;   ///< code of an override reason; may be empty
};

/// Reads `{"feedback":[...]}`, 1 to 100 of them. Comments are free text about a person: they are
/// left out.
Result<std::vector<CdsFeedback>> read_cds_feedback(std::string body);

}  // namespace cpis::fhir_api
