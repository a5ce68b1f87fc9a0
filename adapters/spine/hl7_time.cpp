#include "adapters/spine/hl7_time.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cpis::spine {
namespace {

namespace chr = std::chrono;
constexpr std::size_t no_digits = 0;

void append_digits(std::string& out, unsigned value, int width) {
  std::array<char, 10> digits{};
  for (int i = width - 1; i >= 0; --i) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits.data(), static_cast<std::size_t>(width));
}

std::size_t leading_digits(std::string_view text) {
  const auto* end =
      std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; });
  return static_cast<std::size_t>(end - text.begin());
}

// The number in `text`, which holds digits only.
unsigned number(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

std::optional<Date> day_of(std::string_view digits) {
  const Date day{chr::year{static_cast<int>(number(digits.substr(0, 4)))},
                 chr::month{number(digits.substr(4, 2))}, chr::day{number(digits.substr(6, 2))}};
  return day.ok() ? std::optional{day} : std::nullopt;
}

// Two digits of a time of day; nothing over `max`, zero when the text has ended before.
std::optional<unsigned> pair_at(std::string_view digits, std::size_t at, unsigned max) {
  if (digits.size() <= at) return 0U;
  if (digits.size() < at + 2) return std::nullopt;
  const unsigned value = number(digits.substr(at, 2));
  return value <= max ? std::optional{value} : std::nullopt;
}

// Offset from UTC in minutes.
std::optional<int> offset_of(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() < 2 || (zone.front() != '+' && zone.front() != '-')) return std::nullopt;
  std::string digits{zone.substr(1)};
  digits.erase(std::remove(digits.begin(), digits.end(), ':'), digits.end());
  if (digits.size() > 4 || leading_digits(digits) != digits.size()) return std::nullopt;
  const bool hours_only = digits.size() <= 2;
  const unsigned value = number(digits);
  const unsigned hours = hours_only ? value : value / 100;
  const unsigned minutes = hours_only ? 0 : value % 100;
  if (hours > 14 || minutes > 59) return std::nullopt;
  const int offset = static_cast<int>(hours * 60 + minutes);
  return zone.front() == '-' ? -offset : offset;
}

}  // namespace

std::string write_creation_time(Time time) { return to_digits(time); }

std::string write_timestamp(Time time) { return write_creation_time(time) + "+0000"; }

std::string write_plan_date(const PlanDate& date) {
  std::string out = write_date(date.day);
  append_digits(out, date.minute / 60U, 2);
  append_digits(out, date.minute % 60U, 2);
  return out;
}

std::string write_date(Date date) {
  std::string out;
  out.reserve(19);
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  return out;
}

std::optional<Time> read_timestamp(std::string_view text, Zone zone_missing) {
  if (text.size() > 40) return std::nullopt;
  const std::size_t length = leading_digits(text);
  if (length == 4) return parse_iso_time(text);
  if (length < 8 || length > 14) return std::nullopt;
  const std::string_view digits = text.substr(0, length);
  const auto day = day_of(digits);
  const auto hour = pair_at(digits, 8, 23);
  const auto minute = pair_at(digits, 10, 59);
  const auto second = pair_at(digits, 12, 60);
  if (!day || !hour || !minute || !second) return std::nullopt;
  const Duration since_midnight = chr::hours{*hour} + chr::minutes{*minute} + chr::seconds{*second};

  std::string_view rest = text.substr(length);
  if (!rest.empty() && rest.front() == '.') {
    const std::size_t fraction = leading_digits(rest.substr(1));
    if (fraction == no_digits) return std::nullopt;
    rest.remove_prefix(fraction + 1);
  }
  if (rest.empty() && zone_missing == Zone::london) return from_london(*day, since_midnight);
  const auto offset = rest.empty() ? std::optional{0} : offset_of(rest);
  if (!offset) return std::nullopt;
  return Time{chr::sys_days{*day} + since_midnight - chr::minutes{*offset}};
}

std::optional<PlanDate> read_plan_date(std::string_view text) {
  const std::size_t length = leading_digits(text);
  if (length < 8 || length > 14 || length % 2 != 0) return std::nullopt;
  const std::string_view rest = text.substr(length);
  if (!rest.empty() && rest.front() != '.' && !offset_of(rest)) return std::nullopt;
  const auto day = day_of(text);
  const std::string_view digits = text.substr(0, length);
  const auto hour = pair_at(digits, 8, 23);
  const auto minute = pair_at(digits, 10, 59);
  if (!day || !hour || !minute) return std::nullopt;
  return PlanDate{*day, static_cast<std::uint16_t>(*hour * 60 + *minute)};
}

std::optional<Date> read_date(std::string_view text) {
  if (const auto iso = parse_iso_date(text.substr(0, 10))) return iso;
  if (leading_digits(text) < 8 || leading_digits(text) > 14) return std::nullopt;
  return day_of(text);
}

}  // namespace cpis::spine
