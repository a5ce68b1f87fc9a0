#include "gateway/http/response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>

#include "gateway/http/request.h"
#include "gateway/observe/clock.h"

namespace cpis::http {

namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr std::array phrases{
    Phrase{100, "Continue"},
    Phrase{101, "Switching Protocols"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{206, "Partial Content"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{411, "Length Required"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Range Not Satisfiable"},
    Phrase{417, "Expectation Failed"},
    Phrase{421, "Misdirected Request"},
    Phrase{422, "Unprocessable Content"},
    Phrase{424, "Failed Dependency"},
    Phrase{426, "Upgrade Required"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{451, "Unavailable For Legal Reasons"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
};
static_assert(std::ranges::is_sorted(phrases, {}, &Phrase::status));

void append_number(std::string& out, std::uint64_t number, int base = 10) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, base).ptr;
  out.append(text.data(), end);
}

void append_two(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

// IMF-fixdate (RFC 9110, 5.6.7), for example `Sun, 06 Nov 1994 08:49:37 GMT`
std::string write_date(std::chrono::sys_seconds moment) {
  constexpr std::string_view days = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  using namespace std::chrono;
  const sys_days day = floor<std::chrono::days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  std::string out{days.substr(std::size_t{weekday{day}.c_encoding()} * 3, 3)};
  out += ", ";
  append_two(out, static_cast<unsigned>(date.day()));
  out += ' ';
  out += months.substr((std::size_t{static_cast<unsigned>(date.month())} - 1) * 3, 3);
  out += ' ' + std::to_string(static_cast<int>(date.year())) + ' ';
  append_two(out, static_cast<unsigned>(time.hours().count()));
  out += ':';
  append_two(out, static_cast<unsigned>(time.minutes().count()));
  out += ':';
  append_two(out, static_cast<unsigned>(time.seconds().count()));
  return out + " GMT";
}

const std::string& date_now() {
  // Once a second and thread is enough for a date in seconds.
  thread_local std::chrono::sys_seconds written_for{};
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(observe::SystemClock{}.now());
  if (now != written_for) {
    text = write_date(now);
    written_for = now;
  }
  return text;
}

// No branch for each byte: every header of every response comes by here.
bool safe_for_header(std::string_view text) {
  bool ends = false;
  for (const char c : text) ends |= c == '\r' || c == '\n' || c == '\0';
  return !ends;
}

bool headers_are_safe(const Response& response) {
  return std::ranges::all_of(response.headers, [](const auto& field) {
    return !field.first.empty() && safe_for_header(field.first) && safe_for_header(field.second);
  });
}

bool server_writes(std::string_view name) {
  return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") ||
         same_name(name, "Connection") || same_name(name, "Date");
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

Response& Response::set(std::string_view name, std::string value) {
  const auto found = std::ranges::find_if(
      headers, [&](const auto& field) { return same_name(field.first, name); });
  if (found == headers.end()) return add(name, std::move(value));
  found->second = std::move(value);
  return *this;
}

Response& Response::add(std::string_view name, std::string value) {
  headers.emplace_back(name, std::move(value));
  return *this;
}

std::string_view Response::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (same_name(known, name)) return value;
  }
  return {};
}

std::string_view reason_phrase(int status) noexcept {
  const auto found = std::ranges::lower_bound(phrases, status, {}, &Phrase::status);
  return found != phrases.end() && found->status == status ? found->text : "Status";
}

void append_response(std::string& out, const Response& response, const WireOptions& options) {
  if (response.status < 100 || response.status > 999 || !headers_are_safe(response)) {
    return append_response(out, Response{500}, options);
  }
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  for (const auto& [name, value] : response.headers) {
    if (server_writes(name)) continue;
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  out += options.more_headers;
  out += "Date: ";
  out += date_now();
  if (!options.keep_alive) {
    out += "\r\nConnection: close";
  } else if (options.say_keep_alive) {
    out += "\r\nConnection: keep-alive";
  }
  const bool bodiless = has_no_body(response.status);
  if (options.body_end == BodyEnd::chunks) {
    out += "\r\nTransfer-Encoding: chunked";
  } else if (options.body_end == BodyEnd::length && !bodiless) {
    out += "\r\nContent-Length: ";
    append_number(out, response.body.size());
  }
  out += "\r\n\r\n";
  if (!bodiless && !options.head_only) out += response.body;
}

void append_chunk(std::string& out, std::string_view piece) {
  if (piece.empty()) return;
  append_number(out, piece.size(), 16);
  out += "\r\n";
  out += piece;
  out += "\r\n";
}

}  // namespace cpis::http
