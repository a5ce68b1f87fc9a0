#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/core/time.h"

namespace cpis::hl7v2 {

/// Whose clocks a time without a zone was read from.
enum class Clocks : std::uint8_t { london, utc };

/// A day from a TS, DT or DTM value. Reads `YYYYMMDD` with anything that may follow it in those
/// types (time, fraction, zone, the `+` that some systems append) and `YYYY-MM-DD`; with
/// `day_first` also `DD/MM/YYYY`. Everything else, partial dates and days that do not exist give
/// nothing: an unreadable date is absent, never a wrong one. A zone does not move the day.
std::optional<Date> read_date(std::string_view text, bool day_first = false);

/// An instant from a TS or DTM value: `YYYYMMDD[HH[MM[SS[.f]]]][zone]`, or the same with `-`, `:`,
/// and a blank or `T` between, zone `+HHMM`, `-HHMM`, `+HH:MM` or `Z`. Without a zone the time is
/// read from `clocks`. Seconds of 60 count as 59; hour 24 gives nothing.
std::optional<Time> read_time(std::string_view text, Clocks clocks = Clocks::london);

/// The same with how much of it was said.
struct StatedTime {
  Time at{};
  bool time_of_day = false;  ///< more than the day
  bool exact = false;        ///< it cannot mean one of two instants: a zone was sent, or the clocks
                             ///< keep UTC
};
std::optional<StatedTime> read_stated_time(std::string_view text, Clocks clocks = Clocks::london);

}  // namespace cpis::hl7v2
