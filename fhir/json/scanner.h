#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "fhir/tree/document.h"

namespace cpis::fhir::json {

/// The lexical level of JSON (RFC 8259): blanks, strings, numbers, words; and where we are. After a
/// false answer `error()` says what was wrong at `line()`, `column()`.
class Scanner {
 public:
  Scanner(std::string_view text, std::uint32_t line, std::uint32_t column)
      : at_{text.data()},
        end_{text.data() + text.size()},
        line_begin_{at_ - (column - 1)},
        line_{line} {}

  bool at_end() const { return at_ == end_; }
  /// The byte here; 0 at the end (and for a NUL byte, which no rule of JSON accepts).
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  void advance() { ++at_; }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return static_cast<std::uint32_t>(at_ - line_begin_) + 1; }

  void skip_blanks() {
    if (at_ == end_ || static_cast<unsigned char>(*at_) > ' ') return;
    skip_blanks_slow();
  }
  bool skip_byte_order_mark();

  /// At a quote: the text between the quotes, as a view of the source, or of `document` when it
  /// had escapes. Refuses bad UTF-8, lone surrogates, control characters and U+0000.
  bool string(std::string_view& value, Document& document) {
    const char* const begin = at_ + 1;
    const char* const stop = plain_run(begin);
    if (stop == end_ || *stop != '"') return string_slow(stop, value, document);
    value = {begin, static_cast<std::size_t>(stop - begin)};
    at_ = stop + 1;
    return true;
  }
  /// At a digit or minus: the literal as written.
  bool number(std::string_view& literal);
  /// Exactly this word.
  bool word(std::string_view expected);

  const char* error() const { return error_; }

 private:
  void skip_blanks_slow();
  bool string_slow(const char* at, std::string_view& value, Document& document);
  /// The first byte that ends a plain run: a quote, a backslash, a control character, a byte above
  /// 0x7F, or the end.
  const char* plain_run(const char* at) const {
    if constexpr (std::endian::native == std::endian::little) {
      for (; end_ - at >= 8; at += 8) {
        const std::uint64_t special = special_bytes(at);
        if (special != 0) return at + std::countr_zero(special) / 8;
      }
    }
    while (at != end_ && is_plain(*at)) ++at;
    return at;
  }
  static bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  }
  // Non-zero when one of the next eight bytes ends a plain run. The lowest bit that is set belongs
  // to such a byte; those above it may be wrong, because a subtraction borrows from the byte above.
  static std::uint64_t special_bytes(const char* at) {
    constexpr std::uint64_t every_byte = 0x0101010101010101ULL;
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t quote = word ^ (every_byte * '"');
    const std::uint64_t backslash = word ^ (every_byte * '\\');
    const std::uint64_t controls = word - every_byte * 0x20;
    return ((quote - every_byte) | (backslash - every_byte) | controls | word) &
           (every_byte * 0x80);
  }
  const char* plain_or_high(const char* at) const;
  bool unescape(const char* begin, std::string_view& value, Document& document);
  bool escape(const char*& from, char*& to);
  bool unicode_escape(const char*& from, char*& to);
  bool fail(const char* at, const char* why) {
    at_ = at;
    error_ = why;
    return false;
  }

  const char* at_;
  const char* end_;
  const char* line_begin_;
  std::uint32_t line_;
  const char* error_ = "";
};

/// Bytes of the well-formed UTF-8 sequence (RFC 3629) at `at`, 1 to 4; 0 when it is none.
int utf8_length(const char* at, const char* end);

/// Exactly one JSON number.
bool is_number(std::string_view text);

}  // namespace cpis::fhir::json
