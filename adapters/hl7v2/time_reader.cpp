#include "adapters/hl7v2/time_reader.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace cpis::hl7v2 {
namespace {

namespace chr = std::chrono;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Takes exactly `width` digits from the front; -1, and nothing taken, when they are not there.
int take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width ||
      !std::all_of(text.begin(), text.begin() + static_cast<long>(width), is_digit)) {
    return -1;
  }
  int value = 0;
  for (const char c : text.substr(0, width)) value = value * 10 + (c - '0');
  text.remove_prefix(width);
  return value;
}

std::optional<Date> make_date(int year, int month, int day) {
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const Date date{chr::year{year}, chr::month{static_cast<unsigned>(month)},
                  chr::day{static_cast<unsigned>(day)}};
  return date.ok() ? std::optional{date} : std::nullopt;
}

// YYYYMMDD or YYYY-MM-DD from the front.
std::optional<Date> take_date(std::string_view& text) {
  const int year = take_number(text, 4);
  const bool dashes = text.starts_with('-');
  if (dashes) text.remove_prefix(1);
  const int month = take_number(text, 2);
  if (dashes != text.starts_with('-')) return std::nullopt;
  if (dashes) text.remove_prefix(1);
  const int day = take_number(text, 2);
  return make_date(year, month, day);
}

std::optional<Date> read_day_first(std::string_view text) {
  if (text.size() != 10 || text[2] != text[5] || is_digit(text[2])) return std::nullopt;
  std::string_view day = text.substr(0, 2);
  std::string_view month = text.substr(3, 2);
  std::string_view year = text.substr(6, 4);
  const int day_number = take_number(day, 2);
  const int month_number = take_number(month, 2);
  return make_date(take_number(year, 4), month_number, day_number);
}

// [HH[MM[SS[.f]]]] with or without colons; false when what is there is not a time of day.
bool take_time_of_day(std::string_view& text, Duration& since_midnight) {
  if (text.empty() || !is_digit(text.front())) return true;
  const int hour = take_number(text, 2);
  if (hour < 0 || hour > 23) return false;
  since_midnight += chr::hours{hour};
  if (text.starts_with(':')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return true;
  const int minute = take_number(text, 2);
  if (minute < 0 || minute > 59) return false;
  since_midnight += chr::minutes{minute};
  if (text.starts_with(':')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return true;
  const int second = take_number(text, 2);
  if (second < 0 || second > 60) return false;
  since_midnight += chr::seconds{std::min(second, 59)};
  if (!text.starts_with('.')) return true;
  text.remove_prefix(1);
  std::int64_t scale = 100'000;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), scale /= 10) {
    since_midnight += Duration{scale * (text.front() - '0')};
  }
  return true;
}

// The offset from UTC; nothing when there is no zone; `bad` when it cannot be read.
std::optional<chr::minutes> take_zone(std::string_view text, bool& bad) {
  if (text.empty()) return std::nullopt;
  if (text == "Z") return chr::minutes{0};
  const char sign = text.front();
  text.remove_prefix(1);
  const int hours = take_number(text, 2);
  if (text.starts_with(':')) text.remove_prefix(1);
  const int minutes = take_number(text, 2);
  bad = (sign != '+' && sign != '-') || hours < 0 || hours > 14 || minutes < 0 || minutes > 59 ||
        !text.empty();
  const chr::minutes offset = chr::hours{hours} + chr::minutes{minutes};
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<Date> read_date(std::string_view text, bool day_first) {
  text = trim(text);
  if (day_first) {
    if (const auto date = read_day_first(text)) return date;
  }
  std::string_view rest = text;
  const auto date = take_date(rest);
  if (!date) return std::nullopt;
  // What follows has to be what a time stamp can hold; nine digits are a slip of the keyboard.
  if (rest.starts_with('+') && rest.size() == 1) rest.remove_prefix(1);
  if (rest.starts_with('T') || rest.starts_with(' ')) rest.remove_prefix(1);
  Duration since_midnight{};
  if (!take_time_of_day(rest, since_midnight)) return std::nullopt;
  bool bad_zone = false;
  take_zone(rest, bad_zone);
  return bad_zone ? std::nullopt : date;
}

std::optional<Time> read_time(std::string_view text, Clocks clocks) {
  const auto stated = read_stated_time(text, clocks);
  return stated ? std::optional{stated->at} : std::nullopt;
}

std::optional<StatedTime> read_stated_time(std::string_view text, Clocks clocks) {
  text = trim(text);
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  if (text.starts_with('T') || text.starts_with(' ')) text.remove_prefix(1);
  const bool time_of_day = !text.empty() && is_digit(text.front());
  Duration since_midnight{};
  if (!take_time_of_day(text, since_midnight)) return std::nullopt;
  bool bad_zone = false;
  const auto offset = take_zone(text, bad_zone);
  if (bad_zone) return std::nullopt;
  const Time as_utc{chr::sys_days{*date} + since_midnight};
  if (offset) return StatedTime{as_utc - *offset, time_of_day, true};
  if (clocks == Clocks::utc) return StatedTime{as_utc, time_of_day, true};
  return StatedTime{from_london(*date, since_midnight), time_of_day, false};
}

}  // namespace cpis::hl7v2
