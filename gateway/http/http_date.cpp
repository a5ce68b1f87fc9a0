#include "gateway/http/http_date.h"

#include <algorithm>
#include <array>

namespace cpis::http {
namespace {

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t date_bytes = 29;

void add_two(std::string& out, unsigned number, char after) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
  out += after;
}

}  // namespace

// Every read of a resource writes one: one allocation and no detour.
std::string write_http_date(Time moment) {
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(moment);
  const Date date{day};
  const auto second =
      static_cast<unsigned>(std::chrono::floor<std::chrono::seconds>(moment - day).count());
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  std::string out;
  out.reserve(date_bytes);
  out += days[std::chrono::weekday{day}.c_encoding()];
  out += ", ";
  add_two(out, static_cast<unsigned>(date.day()), ' ');
  out += months[static_cast<unsigned>(date.month()) - 1];
  out += ' ';
  out += static_cast<char>('0' + year / 1000 % 10);
  out += static_cast<char>('0' + year / 100 % 10);
  add_two(out, year % 100, ' ');
  add_two(out, second / 3600, ':');
  add_two(out, second / 60 % 60, ':');
  add_two(out, second % 60, ' ');
  out += "GMT";
  return out;
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
