#include "fhir/json/scanner.h"

#include <cstddef>
#include <cstring>

namespace cpis::fhir::json {
namespace {

constexpr std::uint64_t every_byte = 0x0101010101010101ULL;

std::uint64_t load(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool continues(const char* at) { return (static_cast<unsigned char>(*at) & 0xC0U) == 0x80U; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The code unit behind `\u`, or -1.
int code_unit(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

void put_utf8(std::uint32_t point, char*& to) {
  const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

// The end of the number that starts at `at`, or null.
const char* number_end(const char* at, const char* end) {
  const auto digits = [&at, end] {
    const char* const begin = at;
    while (at != end && is_digit(*at)) ++at;
    return at != begin;
  };
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if (!digits()) {
    return nullptr;
  }
  if (at != end && *at == '.') {
    ++at;
    if (!digits()) return nullptr;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return nullptr;
  }
  return at;
}

}  // namespace

int utf8_length(const char* at, const char* end) {
  const auto lead = static_cast<unsigned char>(*at);
  if (lead < 0x80) return 1;
  const std::ptrdiff_t left = end - at;
  const auto second = left > 1 ? static_cast<unsigned char>(at[1]) : 0U;
  if (lead >= 0xC2 && lead <= 0xDF) return left > 1 && continues(at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (left < 3 || !continues(at + 1) || !continues(at + 2)) return 0;
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (left < 4 || !continues(at + 1) || !continues(at + 2) || !continues(at + 3)) return 0;
    const bool overlong = lead == 0xF0 && second < 0x90;
    const bool beyond = lead == 0xF4 && second > 0x8F;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

bool is_number(std::string_view text) {
  const char* const end = text.data() + text.size();
  return !text.empty() && number_end(text.data(), end) == end;
}

void Scanner::skip_blanks_slow() {
  constexpr std::uint64_t eight_spaces = every_byte * ' ';
  while (at_ != end_) {
    if (*at_ == '\n') {
      ++line_;
      line_begin_ = at_ + 1;
    } else if (*at_ != ' ' && *at_ != '\t' && *at_ != '\r') {
      return;
    }
    ++at_;
    while (end_ - at_ >= 8 && load(at_) == eight_spaces) at_ += 8;
  }
}

bool Scanner::skip_byte_order_mark() {
  if (end_ - at_ < 3 || std::memcmp(at_, "\xEF\xBB\xBF", 3) != 0) return false;
  at_ += 3;
  line_begin_ += 3;
  return true;
}

/// The next quote or backslash of a string that is known to end.
const char* Scanner::plain_or_high(const char* at) const {
  while (*at != '"' && *at != '\\') {
    const char* const next = plain_run(at);
    at = next == at ? at + 1 : next;
  }
  return at;
}

/// Goes on at what is not plain: the end, an escape, a byte above 0x7F, a control character.
bool Scanner::string_slow(const char* at, std::string_view& value, Document& document) {
  const char* const begin = at_ + 1;
  bool escapes = false;
  for (;; at = plain_run(at)) {
    if (at == end_) return fail(at, "the string does not end");
    if (*at == '"') break;
    if (*at == '\\') {
      escapes = true;
      at += end_ - at >= 2 ? 2 : 1;
      continue;
    }
    if (static_cast<unsigned char>(*at) < 0x20) {
      return fail(at, "a control character in a string must be escaped");
    }
    const int length = utf8_length(at, end_);
    if (length == 0) return fail(at, "the text is not UTF-8");
    at += length;
  }
  if (!escapes) {
    value = {begin, static_cast<std::size_t>(at - begin)};
    at_ = at + 1;
    return true;
  }
  return unescape(begin, value, document);
}

// The closing quote is known to exist. Unescaping never makes text longer.
bool Scanner::unescape(const char* begin, std::string_view& value, Document& document) {
  const char* from = begin;
  const char* close = begin;
  while (true) {
    close = plain_or_high(close);
    if (*close == '"') break;
    close += 2;
  }
  const auto room = static_cast<std::size_t>(close - begin);
  const std::string_view stored = document.store({begin, room});
  // The arena's copy is ours alone until the view is handed out.
  char* const place = const_cast<char*>(stored.data());
  char* to = place;
  while (from != close) {
    const auto* const found =
        static_cast<const char*>(std::memchr(from, '\\', static_cast<std::size_t>(close - from)));
    const char* const stop = found == nullptr ? close : found;
    std::memcpy(to, from, static_cast<std::size_t>(stop - from));
    to += stop - from;
    from = stop;
    if (from != close && !escape(from, to)) return false;
  }
  value = {place, static_cast<std::size_t>(to - place)};
  at_ = close + 1;
  return true;
}

bool Scanner::escape(const char*& from, char*& to) {
  const char letter = from[1];
  char plain_char = '\0';
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      plain_char = letter;
      break;
    case 'b':
      plain_char = '\b';
      break;
    case 'f':
      plain_char = '\f';
      break;
    case 'n':
      plain_char = '\n';
      break;
    case 'r':
      plain_char = '\r';
      break;
    case 't':
      plain_char = '\t';
      break;
    case 'u':
      return unicode_escape(from, to);
    default:
      return fail(from, "an unknown escape in a string");
  }
  *to++ = plain_char;
  from += 2;
  return true;
}

bool Scanner::unicode_escape(const char*& from, char*& to) {
  const int first = code_unit(from + 2, end_);
  if (first < 0) return fail(from, "\\u needs four hexadecimal digits");
  if (first == 0) return fail(from, "U+0000 is not allowed in FHIR");
  auto point = static_cast<std::uint32_t>(first);
  const char* next = from + 6;
  if (point >= 0xD800 && point <= 0xDFFF) {
    const bool pair = point < 0xDC00 && end_ - next >= 6 && next[0] == '\\' && next[1] == 'u';
    const int second = pair ? code_unit(next + 2, end_) : -1;
    if (second < 0xDC00 || second > 0xDFFF) return fail(from, "half of a surrogate pair");
    point = 0x10000U + ((point - 0xD800U) << 10U) + (static_cast<std::uint32_t>(second) - 0xDC00U);
    next += 6;
  }
  put_utf8(point, to);
  from = next;
  return true;
}

bool Scanner::number(std::string_view& literal) {
  const char* const stop = number_end(at_, end_);
  if (stop == nullptr) return fail(at_, "not a JSON number");
  literal = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop;
  if (at_ != end_ && (is_digit(*at_) || *at_ == '.' || *at_ == '+' || *at_ == '-')) {
    return fail(at_, "not a JSON number");
  }
  return true;
}

bool Scanner::word(std::string_view expected) {
  const auto left = static_cast<std::size_t>(end_ - at_);
  if (left < expected.size() || std::memcmp(at_, expected.data(), expected.size()) != 0) {
    return fail(at_, "a value was expected");
  }
  at_ += expected.size();
  return true;
}

}  // namespace cpis::fhir::json
