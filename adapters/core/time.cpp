#include "adapters/core/time.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace cpis {
namespace {

using namespace std::chrono_literals;
namespace chr = std::chrono;

// Writes the last `width` digits of the value and returns what stands behind them.
char* put_digits(char* at, unsigned value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return at + width;
}

constexpr std::size_t date_size_max = 12;  // of any year that the calendar has

char* put_date(char* at, Date date) {
  const int year{date.year()};
  const bool usual = year >= 0 && year <= 9999;
  at = usual ? put_digits(at, static_cast<unsigned>(year), 4) : std::to_chars(at, at + 6, year).ptr;
  *at++ = '-';
  at = put_digits(at, static_cast<unsigned>(date.month()), 2);
  *at++ = '-';
  return put_digits(at, static_cast<unsigned>(date.day()), 2);
}

// Reads exactly `width` digits at `at`; -1 when they are not all digits.
int digits_at(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Directive 2000/84/EC as kept in the Summer Time Act 1972: from 01:00 UTC on the last Sunday of
// March to 01:00 UTC on the last Sunday of October.
Time change_of_clocks(chr::year year, chr::month month) {
  return Time{
      chr::sys_days{chr::year_month_weekday_last{year, month, chr::weekday_last{chr::Sunday}}} +
      1h};
}

struct TimeOfDay {
  Duration since_midnight{};
  std::size_t end = 0;  // where it stopped reading
};

std::optional<TimeOfDay> read_time_of_day(std::string_view text, std::size_t at) {
  const int hour = digits_at(text, at, 2);
  const int minute = digits_at(text, at + 3, 2);
  const int second = digits_at(text, at + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return {};
  if (text[at + 2] != ':' || text[at + 5] != ':') return {};
  TimeOfDay read{chr::hours{hour} + chr::minutes{minute} + chr::seconds{second}, at + 8};
  if (read.end < text.size() && text[read.end] == '.') {
    ++read.end;
    std::int64_t scale = 100'000;
    const std::size_t first = read.end;
    while (read.end < text.size() && text[read.end] >= '0' && text[read.end] <= '9') {
      read.since_midnight += Duration{scale * (text[read.end] - '0')};
      scale /= 10;
      ++read.end;
    }
    if (read.end == first) return {};
  }
  return read;
}

std::optional<chr::minutes> read_zone(std::string_view zone) {
  if (zone == "Z") return 0min;
  if (zone.size() != 6 || zone[3] != ':' || (zone[0] != '+' && zone[0] != '-')) return {};
  const int hours = digits_at(zone, 1, 2);
  const int minutes = digits_at(zone, 4, 2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return {};
  const chr::minutes offset = chr::hours{hours} + chr::minutes{minutes};
  return zone[0] == '-' ? -offset : offset;
}

}  // namespace

std::string to_iso(Date date) {
  std::array<char, date_size_max> text{};
  return {text.data(), put_date(text.data(), date)};
}

std::string to_iso(Time time) {
  const auto day = chr::floor<chr::days>(time);
  const auto millis =
      static_cast<unsigned>(chr::floor<chr::milliseconds>(time - day).count());  // of the day
  std::array<char, date_size_max + 14> text{};
  char* at = put_date(text.data(), Date{day});
  *at++ = 'T';
  at = put_digits(at, millis / 3'600'000, 2);
  *at++ = ':';
  at = put_digits(at, millis / 60'000 % 60, 2);
  *at++ = ':';
  at = put_digits(at, millis / 1'000 % 60, 2);
  *at++ = '.';
  at = put_digits(at, millis % 1'000, 3);
  *at++ = 'Z';
  return {text.data(), at};
}

std::string to_digits(Time time) {
  const auto day = chr::floor<chr::days>(time);
  const auto seconds =
      static_cast<unsigned>(chr::floor<chr::seconds>(time - day).count());  // of the day
  const Date date{day};
  std::array<char, 14> text{};
  char* at = put_digits(text.data(), static_cast<unsigned>(static_cast<int>(date.year())), 4);
  at = put_digits(at, static_cast<unsigned>(date.month()), 2);
  at = put_digits(at, static_cast<unsigned>(date.day()), 2);
  at = put_digits(at, seconds / 3'600, 2);
  at = put_digits(at, seconds / 60 % 60, 2);
  at = put_digits(at, seconds % 60, 2);
  return {text.data(), at};
}

std::optional<Date> parse_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const Date date{chr::year{year}, chr::month{static_cast<unsigned>(month)},
                  chr::day{static_cast<unsigned>(day)}};
  return date.ok() ? std::optional{date} : std::nullopt;
}

std::optional<Time> parse_iso_time(std::string_view text) {
  if (text.size() < 20 || text[10] != 'T') return std::nullopt;
  const auto date = parse_iso_date(text.substr(0, 10));
  if (!date) return std::nullopt;
  const auto time = read_time_of_day(text, 11);
  if (!time) return std::nullopt;
  const auto offset = read_zone(text.substr(time->end));
  if (!offset) return std::nullopt;
  return Time{chr::sys_days{*date} + time->since_midnight - *offset};
}

int london_offset_minutes(Time time) {
  const chr::year year = Date{chr::floor<chr::days>(time)}.year();
  return time >= change_of_clocks(year, chr::March) && time < change_of_clocks(year, chr::October)
             ? 60
             : 0;
}

Date london_date(Time time) {
  return Date{chr::floor<chr::days>(time + chr::minutes{london_offset_minutes(time)})};
}

Time from_london(Date date, Duration since_midnight) {
  const Time as_if_utc{chr::sys_days{date} + since_midnight};
  const Time as_summer = as_if_utc - 60min;
  // A wall time is summer time when summer time holds at the instant it would then name. For the
  // hour that was skipped neither reading holds; winter time moves it forward by that hour.
  return london_offset_minutes(as_summer) == 60 ? as_summer : as_if_utc;
}

Time repeated_hour_after(Time time, Time known) {
  const Time again = time + 60min;
  const bool shown_twice = london_offset_minutes(time) == 60 && london_offset_minutes(again) == 0;
  return shown_twice && time < known && again >= known ? again : time;
}

Date add_years(Date date, int years) {
  const Date moved{date.year() + chr::years{years}, date.month(), date.day()};
  if (moved.ok()) return moved;
  return Date{moved.year(), chr::March, chr::day{1}};
}

Date add_days(Date date, int days) { return Date{chr::sys_days{date} + chr::days{days}}; }

int days_between(Date from, Date to) {
  return static_cast<int>((chr::sys_days{to} - chr::sys_days{from}).count());
}

int age_on(Date birth, Date today) {
  int age = static_cast<int>(today.year()) - static_cast<int>(birth.year());
  if (add_years(birth, age) > today) --age;
  return age;
}

}  // namespace cpis
