#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/time.h"

namespace cpis::social_care {

/// Days since 1970-01-01, for cheap comparing; `no_day` is "there is none".
using Day = std::int32_t;
inline constexpr Day no_day = std::numeric_limits<Day>::min();

inline Day to_day(Date date) {
  return static_cast<Day>(std::chrono::sys_days{date}.time_since_epoch().count());
}
/// `no_day` for a date that does not exist, such as Date{}.
inline Day to_day_or_none(Date date) { return date.ok() ? to_day(date) : no_day; }
inline Date to_date(Day day) { return Date{std::chrono::sys_days{std::chrono::days{day}}}; }

/// Reads the date forms of one profile, in their order: the first form that fits wins. A form is
/// text with %Y (four digits), %m, %d (one or two digits), %H, %M, %S and %f (one to nine digits).
/// There is no two-digit year on purpose.
class DateForms {
 public:
  /// Nothing when a form has an unknown code or lacks year, month or day.
  static std::optional<DateForms> from(const std::vector<std::string>& forms);

  /// The day of `text`, or `no_day` when no form fits it or the day does not exist. Years outside
  /// 1800..9999 do not exist here.
  Day read(std::string_view text) const;

 private:
  std::vector<std::string> forms_;
};

}  // namespace cpis::social_care
