#pragma once

#include <cstdint>
#include <vector>

#include "adapters/social_care/day.h"
#include "adapters/social_care/extract.h"

namespace cpis::social_care {

/// A time of being looked after, made of one or more status rows.
struct Interval {
  Day start = no_day;
  Day end = open_day;
  std::vector<RowRef> rows;
  bool overlapped = false;  ///< rows overlapped, or one announced a successor that came late (L03)
  bool adopted = false;     ///< the row that ends it says so
};

/// Joins rows whose start is not later than the end before it plus `gap_days` (socialcare.md 6.2).
/// `rows` belong to one person, are all to be joined, and are sorted by start.
std::vector<Interval> merge_statuses(const std::vector<StatusEntry>& rows, int gap_days);

}  // namespace cpis::social_care
