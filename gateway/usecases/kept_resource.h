#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/attendance.h"
#include "gateway/resources/resource_book.h"

namespace cpis::usecases {

/// What a Patient or Encounter that was written over FHIR means for attendances.
struct KeptResource {
  std::string patient_id;
  std::string encounter_id;  ///< empty: it was a Patient
  AdtEvent event;
};

/// Reads the body of an inbox message of the feed `fhir`. The Patient of an Encounter is taken from
/// the book. Nothing, with `why` set, when it cannot be used.
std::optional<KeptResource> read_kept_resource(std::string_view body,
                                               const resources::ResourceBook& book,
                                               std::string& why);

}  // namespace cpis::usecases
