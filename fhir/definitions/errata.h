#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "fhir/definitions/model.h"

namespace cpis::fhir {

/// A constraint of R4 4.0.1 whose expression does not say what the specification means. HL7
/// repaired each in a later version; R4 itself is frozen.
struct Erratum {
  std::string_view key;
  std::string_view published;  ///< exactly as in R4
  std::string_view repaired;
  std::string_view why;
};

/// All of them; the README lists the same.
std::span<const Erratum> errata();

/// Replaces the published expressions. Returns how many constraints were changed.
std::size_t apply_errata(std::vector<ElementConstraint>& constraints);

}  // namespace cpis::fhir
