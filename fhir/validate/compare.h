#pragma once

#include <optional>

#include "fhir/tree/element.h"

namespace cpis::fhir {

/// Orders two literals: -1, 0 or 1. Numbers by value when the second was written as one; otherwise
/// dates and times, then integers. None when they cannot be compared or the answer is open
/// (2019 and 2019-05).
std::optional<int> compare_literals(const Element& a, const Element& b);

/// Literals, or quantities with `value`: those of UCUM in the unit of the second, others when
/// system and code are the same.
std::optional<int> compare_values(const Element& a, const Element& b);

}  // namespace cpis::fhir
