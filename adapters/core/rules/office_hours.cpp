#include "adapters/core/rules/office_hours.h"

#include <algorithm>
#include <chrono>

namespace cpis::rules {
namespace {

constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
constexpr std::string_view separators = " ,\t";

// The next word of `text`, which loses it.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
  const std::size_t end = std::min(text.find_first_of(separators), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::optional<std::size_t> weekday_of(std::string_view name) {
  const auto* found = std::find(day_names.begin(), day_names.end(), name);
  if (found == day_names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - day_names.begin());
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// HH:MM up to 24:00 as minutes.
std::optional<std::uint16_t> minute_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t at : {0U, 1U, 3U, 4U}) {
    if (!is_digit(text[at])) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
  return static_cast<std::uint16_t>(hour * 60 + minute);
}

}  // namespace

std::optional<OfficeHours> OfficeHours::parse(std::string_view hours,
                                              std::string_view closed_days) {
  OfficeHours made;
  for (std::string_view days = next_word(hours); !days.empty(); days = next_word(hours)) {
    made.always_ = false;
    const std::string_view times = next_word(hours);
    const std::size_t dash = times.find('-');
    const auto opens = minute_of(times.substr(0, dash));
    const auto closes = dash == times.npos ? std::nullopt : minute_of(times.substr(dash + 1));
    const auto first = weekday_of(days.substr(0, 3));
    const auto last = days.size() == 3                     ? first
                      : days.size() == 7 && days[3] == '-' ? weekday_of(days.substr(4))
                                                           : std::nullopt;
    if (!opens || !closes || *closes <= *opens || !first || !last) return std::nullopt;
    for (std::size_t day = *first;; day = (day + 1) % 7) {
      made.by_weekday_[day] = {*opens, *closes};
      if (day == *last) break;
    }
  }
  for (std::string_view day = next_word(closed_days); !day.empty(); day = next_word(closed_days)) {
    const auto date = parse_iso_date(day);
    if (!date) return std::nullopt;
    made.closed_.push_back(*date);
  }
  return made;
}

bool OfficeHours::open_at(Time time) const {
  const Date today = london_date(time);
  if (std::find(closed_.begin(), closed_.end(), today) != closed_.end()) return false;
  if (always_) return true;
  const Time local = time + std::chrono::minutes{london_offset_minutes(time)};
  const auto since_midnight = local - std::chrono::floor<std::chrono::days>(local);
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(since_midnight).count();
  const Range& range = by_weekday_[std::chrono::weekday{std::chrono::sys_days{today}}.c_encoding()];
  return minute >= range.opens && minute < range.closes;
}

}  // namespace cpis::rules
