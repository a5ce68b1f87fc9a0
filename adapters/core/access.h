#pragma once

#include <string>

#include "adapters/core/caller.h"
#include "adapters/core/nhs_number.h"
#include "adapters/core/time.h"

namespace cpis {

/// One look at a person's record from unscheduled care.
struct AccessEvent {
  std::string id;  ///< UUID, upper case; the id of the question that caused it
  Time at{};
  NhsNumber person;
  Caller by;

  friend bool operator==(const AccessEvent&, const AccessEvent&) = default;
};

}  // namespace cpis
