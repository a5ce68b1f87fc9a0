#include "gateway/http/http_date.h"

#include <algorithm>
#include <array>

namespace cpis::http {
namespace {

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t date_bytes = 29;

}  // namespace

std::string write_http_date(Time moment) {
  const std::string iso = to_iso(moment);  // 2026-11-22T01:02:03.000Z
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::weekday weekday{std::chrono::sys_days{day.time_since_epoch()}};
  const auto month = static_cast<std::size_t>((iso[5] - '0') * 10 + (iso[6] - '0') - 1);
  return std::string{days[weekday.c_encoding()]} + ", " + iso.substr(8, 2) + ' ' +
         std::string{months[month]} + ' ' + iso.substr(0, 4) + ' ' + iso.substr(11, 8) + " GMT";
}

std::optional<Time> parse_http_date(std::string_view text) {
  if (text.size() != date_bytes || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end()) return std::nullopt;
  const auto number = static_cast<int>(month - months.begin()) + 1;
  std::string iso{text.substr(12, 4)};
  iso += number < 10 ? "-0" : "-1";
  iso += static_cast<char>('0' + number % 10);
  iso += '-' + std::string{text.substr(5, 2)} + 'T' + std::string{text.substr(17, 8)} + 'Z';
  return parse_iso_time(iso);
}

}  // namespace cpis::http
