#pragma once

#include <span>
#include <string>
#include <string_view>

#include "adapters/core/finding.h"
#include "adapters/core/time.h"
#include "adapters/social_care/canonical.h"

namespace cpis::social_care {

/// The report of one import for the council's staff. It holds rules and places, never a name, a
/// number or a birth date, so it can be mailed. The CSV can be written piece by piece: the header,
/// then lines.
std::string exception_csv_header();
std::string exception_csv_line(const Finding& finding);

struct ReportHead {
  std::string_view profile;
  Date today{};
};

/// One JSON object: `profile`, `date`, `refused`, counts by state, by open plan and by rule, and
/// `findings`.
std::string exception_json(const ReportHead& head, const Counts& counts,
                           std::span<const Finding> findings);

/// Lines for a terminal: what was read, what can be sent, and each rule that was tripped.
std::string import_summary(const Counts& counts);

}  // namespace cpis::social_care
