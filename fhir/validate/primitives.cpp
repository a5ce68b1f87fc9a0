#include "fhir/validate/primitives.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace cpis::fhir {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr std::size_t word_bytes = sizeof(std::uint64_t);

/// Some byte of the eight at `at` is below `limit`. May be wrong only by saying yes.
bool word_may_be_below(const char* at, unsigned char limit) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return ((word - ones * limit) & ~word & (ones * 0x80)) != 0;
}

/// Some byte of the text is below `limit`. May be wrong only by saying yes: eight bytes at a time,
/// the last eight overlap those before.
bool may_be_below(std::string_view text, unsigned char limit) {
  if (text.size() < word_bytes) {
    return std::ranges::any_of(text,
                               [limit](char c) { return static_cast<unsigned char>(c) < limit; });
  }
  const char* const last = text.data() + text.size() - word_bytes;
  for (const char* at = text.data(); at < last; at += word_bytes) {
    if (word_may_be_below(at, limit)) return true;
  }
  return word_may_be_below(last, limit);
}

constexpr unsigned char above_blank = 0x21;

/// Reads a literal from left to right.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_{text} {}
  bool at_end() const { return at_ == text_.size(); }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_any(std::string_view set) {
    if (at_end() || set.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  std::size_t digits() {
    const std::size_t begin = at_;
    while (!at_end() && digit(text_[at_])) ++at_;
    return at_ - begin;
  }
  /// Exactly `count` digits, or -1.
  int number(std::size_t count) {
    if (text_.size() - at_ < count) return -1;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!digit(text_[at_ + i])) return -1;
      value = value * 10 + (text_[at_ + i] - '0');
    }
    at_ += count;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

int days_in(int year, int month) {
  constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

/// The parts of a date that are there: 1 to 3; 0 when it is none.
int read_date(Cursor& cursor) {
  const int year = cursor.number(4);
  if (year < 1) return 0;
  if (!cursor.take('-')) return 1;
  const int month = cursor.number(2);
  if (month < 1 || month > 12) return 0;
  if (!cursor.take('-')) return 2;
  const int day = cursor.number(2);
  return day < 1 || day > days_in(year, month) ? 0 : 3;
}

bool read_time(Cursor& cursor) {
  const int hour = cursor.number(2);
  if (hour < 0 || hour > 23 || !cursor.take(':')) return false;
  const int minute = cursor.number(2);
  if (minute < 0 || minute > 59 || !cursor.take(':')) return false;
  const int second = cursor.number(2);
  if (second < 0 || second > 60) return false;  // FHIR allows leap seconds
  return !cursor.take('.') || cursor.digits() > 0;
}

bool read_zone(Cursor& cursor) {
  if (cursor.take('Z')) return true;
  if (!cursor.take_any("+-")) return false;
  const int hours = cursor.number(2);
  if (hours < 0 || hours > 14 || !cursor.take(':')) return false;
  const int minutes = cursor.number(2);
  return minutes >= 0 && minutes <= 59 && (hours < 14 || minutes == 0);
}

const char* date_fault(std::string_view literal) {
  Cursor cursor{literal};
  return read_date(cursor) > 0 && cursor.at_end() ? nullptr
                                                  : "is not a date (YYYY, YYYY-MM, "
                                                    "YYYY-MM-DD)";
}

const char* date_time_fault(std::string_view literal, bool instant) {
  constexpr const char* wrong = "is not a date and time";
  Cursor cursor{literal};
  const int parts = read_date(cursor);
  if (parts == 0) return wrong;
  if (cursor.at_end() && !instant) return nullptr;
  if (parts < 3 || !cursor.take('T') || !read_time(cursor)) {
    return instant ? "is not an instant (date, time with seconds, zone)" : wrong;
  }
  if (cursor.at_end()) return "has a time and therefore needs a time zone";
  return read_zone(cursor) && cursor.at_end() ? nullptr : wrong;
}

const char* time_fault(std::string_view literal) {
  Cursor cursor{literal};
  return read_time(cursor) && cursor.at_end() ? nullptr : "is not a time (hh:mm:ss)";
}

const char* integer_fault(std::string_view literal, Primitive type) {
  const bool minus = literal.front() == '-';
  std::string_view digits = literal;
  if (minus || literal.front() == '+') digits.remove_prefix(1);
  const bool all_digits = !digits.empty() && std::ranges::all_of(digits, digit);
  if (!all_digits || (digits.size() > 1 && digits.front() == '0')) return "is not a whole number";
  if (minus && type != Primitive::integer) return "must not be negative";
  if (digits == "0") {
    if (type == Primitive::positive_int) return "must be at least 1";
    return literal.size() == 1 ? nullptr : "is not a whole number";
  }
  const std::string_view bound = minus ? "2147483648" : "2147483647";
  const bool fits =
      digits.size() < bound.size() || (digits.size() == bound.size() && digits <= bound);
  return fits ? nullptr : "does not fit into 32 bits";
}

const char* decimal_fault(std::string_view literal) {
  constexpr const char* wrong = "is not a decimal number";
  Cursor cursor{literal};
  cursor.take('-');
  if (!cursor.take('0') && cursor.digits() == 0) return wrong;
  if (cursor.take('.') && cursor.digits() == 0) return wrong;
  if (cursor.take_any("eE")) {
    cursor.take_any("+-");
    if (cursor.digits() == 0) return wrong;
  }
  return cursor.at_end() ? nullptr : wrong;
}

bool oid(std::string_view text) {
  Cursor cursor{text};
  if (!cursor.take_any("012")) return false;
  while (!cursor.at_end()) {
    if (!cursor.take('.')) return false;
    if (!cursor.take('0') && cursor.digits() == 0) return false;
  }
  return text.size() > 1;
}

bool uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !(digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
      return false;
    }
  }
  return true;
}

const char* uri_fault(std::string_view literal, Primitive type) {
  constexpr std::string_view oid_prefix = "urn:oid:";
  constexpr std::string_view uuid_prefix = "urn:uuid:";
  if (may_be_below(literal, above_blank) && std::ranges::any_of(literal, space)) {
    return "has a blank, which a URI must not";
  }
  if (!literal.starts_with("urn:") && type != Primitive::oid && type != Primitive::uuid) {
    return nullptr;
  }
  const bool is_oid = literal.starts_with(oid_prefix);
  const bool is_uuid = literal.starts_with(uuid_prefix);
  if (type == Primitive::oid && !is_oid) return "is not an OID (urn:oid:...)";
  if (type == Primitive::uuid && !is_uuid) return "is not a UUID (urn:uuid:...)";
  if (is_oid && !oid(literal.substr(oid_prefix.size()))) return "is not an OID (urn:oid:...)";
  if (is_uuid && !uuid(literal.substr(uuid_prefix.size())
                           .substr(0, literal.substr(uuid_prefix.size()).find_first_of("#|")))) {
    return "is not a UUID (urn:uuid:...)";
  }
  if (type == Primitive::uuid && uuid_in_capitals(literal)) return "is a UUID in capital letters";
  return nullptr;
}

const char* id_fault(std::string_view literal) {
  constexpr std::size_t id_bytes_max = 64;
  if (literal.size() > id_bytes_max) return "is longer than 64 characters";
  const bool good = std::ranges::all_of(
      literal, [](char c) { return digit(c) || letter(c) || c == '-' || c == '.'; });
  return good ? nullptr : "has a character that an id must not have";
}

const char* code_fault(std::string_view literal) {
  if (!may_be_below(literal, above_blank)) return nullptr;
  bool before = true;  // a blank must stand between two other characters
  for (const char c : literal) {
    const bool blank = space(c);
    if (blank && before) return "has blanks where a code must not";
    before = blank;
  }
  return before ? "has blanks where a code must not" : nullptr;
}

enum class Base64 : std::uint8_t { wrong, part, padding, blank };

constexpr std::array<Base64, 256> base64_bytes = [] {
  std::array<Base64, 256> bytes{};
  const auto mark = [&bytes](std::string_view set, Base64 as) {
    for (const char c : set) bytes[static_cast<unsigned char>(c)] = as;
  };
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", Base64::part);
  mark("=", Base64::padding);
  mark(" \t\n\v\f\r", Base64::blank);
  return bytes;
}();

Base64 base64_byte(char c) { return base64_bytes[static_cast<unsigned char>(c)]; }

const char* base64_fault(std::string_view literal) {
  std::size_t count = 0;
  std::size_t padding = 0;
  for (std::size_t at = 0; at < literal.size(); ++at) {
    const std::size_t begin = at;
    while (at < literal.size() && base64_byte(literal[at]) == Base64::part) ++at;
    count += at - begin;
    if (at != begin && padding > 0) return "is not base64";
    if (at == literal.size()) break;
    const Base64 other = base64_byte(literal[at]);
    if (other == Base64::wrong) return "is not base64";
    if (other == Base64::padding) ++padding;
  }
  count += padding;
  return count > 0 && count % 4 == 0 && padding <= 2 ? nullptr : "is not base64";
}

bool bad_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

const char* string_fault(std::string_view literal) {
  if (literal.size() > string_bytes_max) return "is longer than 1 MB";
  if (!may_be_below(literal, ' ')) return nullptr;
  return std::ranges::any_of(literal, bad_control) ? "has a control character" : nullptr;
}

}  // namespace

bool uuid_in_capitals(std::string_view uri) {
  return uri.starts_with("urn:uuid:") &&
         std::ranges::any_of(uri, [](char c) { return c >= 'A' && c <= 'F'; });
}

bool only_blanks(std::string_view literal) {
  return !literal.empty() && space(literal.front()) && std::ranges::all_of(literal, space);
}

bool id_literal(std::string_view literal) {
  return !literal.empty() && id_fault(literal) == nullptr;
}

Primitive primitive_named(std::string_view name) {
  using enum Primitive;
  constexpr std::array<std::pair<std::string_view, Primitive>, 20> names{{
      {"boolean", boolean},
      {"integer", integer},
      {"unsignedInt", unsigned_int},
      {"decimal", decimal},
      {"string", string},
      {"positiveInt", positive_int},
      {"uri", uri},
      {"markdown", markdown},
      {"canonical", canonical},
      {"url", url},
      {"oid", oid},
      {"base64Binary", base64_binary},
      {"uuid", uuid},
      {"id", id},
      {"code", code},
      {"date", date},
      {"dateTime", date_time},
      {"instant", instant},
      {"time", time},
      {"xhtml", xhtml},
  }};
  const auto* found =
      std::ranges::find(names, name, &std::pair<std::string_view, Primitive>::first);
  return found == names.end() ? none : found->second;
}

const char* literal_fault(Primitive type, std::string_view literal) {
  if (literal.empty()) return "must not be empty";
  switch (type) {
    case Primitive::none:
    case Primitive::xhtml:
      return nullptr;
    case Primitive::boolean:
      return literal == "true" || literal == "false" ? nullptr : "is neither true nor false";
    case Primitive::integer:
    case Primitive::unsigned_int:
    case Primitive::positive_int:
      return integer_fault(literal, type);
    case Primitive::decimal:
      return decimal_fault(literal);
    case Primitive::string:
    case Primitive::markdown:
      return string_fault(literal);
    case Primitive::uri:
    case Primitive::url:
    case Primitive::canonical:
    case Primitive::oid:
    case Primitive::uuid:
      return uri_fault(literal, type);
    case Primitive::id:
      return id_fault(literal);
    case Primitive::code:
      return code_fault(literal);
    case Primitive::base64_binary:
      return base64_fault(literal);
    case Primitive::date:
      return date_fault(literal);
    case Primitive::date_time:
      return date_time_fault(literal, false);
    case Primitive::instant:
      return date_time_fault(literal, true);
    case Primitive::time:
      return time_fault(literal);
  }
  return nullptr;
}

}  // namespace cpis::fhir
