#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cpis {

/// An instant, UTC, to the microsecond. The store keeps it as an integer of that unit.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// A calendar day without a zone. Invalid days cannot come out of our readers.
using Date = std::chrono::year_month_day;

constexpr std::int64_t to_micros(Time time) { return time.time_since_epoch().count(); }
constexpr Time from_micros(std::int64_t micros) { return Time{Duration{micros}}; }

/// `2026-01-05T09:00:00.000Z`, milliseconds, always UTC (FHIR instant, RFC 3339).
std::string to_iso(Time time);
/// `2026-01-05`.
std::string to_iso(Date date);
/// `20260105090000`, to the second, always UTC (the digits of an HL7 time).
std::string to_digits(Time time);

/// Reads `YYYY-MM-DD`, nothing else; refuses days that do not exist.
std::optional<Date> parse_iso_date(std::string_view text);
/// Reads an RFC 3339 date-time with zone (`Z` or an offset), fraction optional.
std::optional<Time> parse_iso_time(std::string_view text);

/// The day of an instant in England (Europe/London, summer time included).
Date london_date(Time time);
/// Minutes that England's clocks are ahead of UTC at this instant: 0 or 60.
int london_offset_minutes(Time time);
/// England's local wall time as an instant; a time that exists twice (end of summer time) is taken
/// as the first, one that does not exist is moved forward by the hour that was skipped.
Time from_london(Date date, Duration since_midnight);

/// `time`, or the hour after it when England's clocks showed that wall time twice and only the
/// second reading is not before `known`. Senders leave the zone out: of two messages that came in
/// order, neither may look late because of the hour that was repeated.
Time repeated_hour_after(Time time, Time known);

/// `date` plus whole years; 29 February becomes 1 March in a common year (English law: a person
/// born on 29 February comes of age on 1 March).
Date add_years(Date date, int years);
Date add_days(Date date, int days);
/// `to` minus `from` in days.
int days_between(Date from, Date to);
/// Completed years of age on `today`.
int age_on(Date birth, Date today);

}  // namespace cpis
