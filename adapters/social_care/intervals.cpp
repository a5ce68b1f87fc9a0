#include "adapters/social_care/intervals.h"

#include <algorithm>

namespace cpis::social_care {

std::vector<Interval> merge_statuses(const std::vector<StatusEntry>& rows, int gap_days) {
  std::vector<Interval> merged;
  bool continues = false;
  for (const StatusEntry& row : rows) {
    const bool joins = !merged.empty() &&
                       (merged.back().end == open_day || row.start <= merged.back().end + gap_days);
    if (!joins) {
      const bool late = continues && !merged.empty();
      merged.push_back({row.start, row.end, {row.at}, late, row.adopted});
      continues = row.continues;
      continue;
    }
    Interval& last = merged.back();
    last.overlapped = last.overlapped || last.end == open_day || row.start < last.end;
    if (row.end >= last.end) {
      last.end = row.end;
      last.adopted = row.adopted;
      continues = row.continues;
    }
    last.rows.push_back(row.at);
  }
  return merged;
}

}  // namespace cpis::social_care
