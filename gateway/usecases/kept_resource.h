#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/attendance.h"

namespace cpis::usecases {

/// What a Patient or Encounter that was written over FHIR means for attendances.
struct KeptResource {
  std::string patient_id;
  std::string encounter_id;  ///< empty: it was a Patient
  AdtEvent event;
};

/// The body of a Patient by its id; nothing when there is none.
using PatientBody = std::function<std::optional<std::string>(std::string_view id)>;

/// Reads the body of an inbox message of the feed `fhir`. The Patient of an Encounter is asked for.
/// Nothing, with `why` set, when it cannot be used.
std::optional<KeptResource> read_kept_resource(std::string_view body, const PatientBody& patient_of,
                                               std::string& why);

}  // namespace cpis::usecases
