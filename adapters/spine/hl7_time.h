#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/plan.h"
#include "adapters/core/time.h"

namespace cpis::spine {

/// `20250301120000+0000`: the form of every effectiveTime and creationTime of a payload. To the
/// second, UTC.
std::string write_timestamp(Time time);
/// `20250301120000`: creationTime of a TMS wrapper, UTC, which carries no zone.
std::string write_creation_time(Time time);
/// `202501150000`: a plan date, twelve digits, no zone (TS.NHS.DateType1).
std::string write_plan_date(const PlanDate& date);
/// `20180412`.
std::string write_date(Date date);

/// Reads what peers send: 8 to 14 digits, an optional fraction, an optional zone (`Z`, `+1`, `+01`,
/// `+0100`, `+01:00`), and RFC 3339. A time without a zone is `zone_missing`.
enum class Zone { utc, london };
std::optional<Time> read_timestamp(std::string_view text, Zone zone_missing);
/// Reads 8, 10, 12 or 14 digits; a zone is ignored, seconds are dropped.
std::optional<PlanDate> read_plan_date(std::string_view text);
/// Reads `YYYYMMDD` with whatever follows, and `YYYY-MM-DD`. A month or a year alone is no day.
std::optional<Date> read_date(std::string_view text);

}  // namespace cpis::spine
