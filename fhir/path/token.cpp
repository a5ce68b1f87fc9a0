#include "fhir/path/token.h"

#include <array>
#include <cstddef>
#include <utility>

#include "fhir/path/text.h"

namespace cpis::fhir::path {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  Lexer(std::string_view text, Error& error) : text_{text}, error_{error} {}

  bool run(std::vector<Token>& tokens) {
    while (true) {
      if (!skip_blanks()) return false;
      Token token;
      token.position = static_cast<std::uint32_t>(at_);
      if (at_ >= text_.size()) {
        tokens.push_back(std::move(token));
        return true;
      }
      if (!read(token)) return false;
      tokens.push_back(std::move(token));
    }
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool fail(std::string message) {
    error_ = {Error::Kind::syntax, std::move(message), static_cast<std::uint32_t>(at_)};
    return false;
  }

  bool skip_blanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        ++at_;
      } else if (c == '/' && peek(1) == '/') {
        while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
      } else if (c == '/' && peek(1) == '*') {
        const auto end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return fail("the comment does not end");
        at_ = end + 2;
      } else {
        return true;
      }
    }
    return true;
  }

  bool read(Token& token) {
    const char c = peek();
    if (is_letter(c)) return read_word(token, TokenKind::identifier);
    if (is_digit(c)) return read_number(token);
    switch (c) {
      case '\'':
        return read_quoted(token, TokenKind::string);
      case '"':
        return read_quoted(token, TokenKind::string);
      case '`':
        return read_quoted(token, TokenKind::delimited);
      case '@':
        return read_moment(token);
      case '$':
        ++at_;
        return read_word(token, TokenKind::dollar);
      default:
        return read_symbol(token);
    }
  }

  bool read_word(Token& token, TokenKind kind) {
    const std::size_t start = at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    if (at_ == start) return fail("a name is missing");
    token.kind = kind;
    token.text = text_.substr(start, at_ - start);
    return true;
  }

  bool read_number(Token& token) {
    const std::size_t start = at_;
    while (is_digit(peek())) ++at_;
    const bool decimal = peek() == '.' && is_digit(peek(1));
    if (decimal) {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    token.kind = TokenKind::number;
    token.text = text_.substr(start, at_ - start);
    if (!decimal && peek() == 'L' && !is_letter(peek(1)) && !is_digit(peek(1))) {
      token.kind = TokenKind::long_number;
      ++at_;
    }
    return true;
  }

  bool read_quoted(Token& token, TokenKind kind) {
    const char quote = peek();
    token.kind = kind;
    for (++at_; at_ < text_.size() && text_[at_] != quote;) {
      if (text_[at_] == '\\') {
        if (!read_escape(token.text)) return false;
      } else {
        token.text += text_[at_++];
      }
    }
    if (at_ >= text_.size()) return fail("the quoted text does not end");
    ++at_;
    return true;
  }

  bool read_escape(std::string& out) {
    constexpr std::string_view letters = "'\"`\\/frnt";
    constexpr std::string_view values = "'\"`\\/\f\r\n\t";
    const char c = peek(1);
    if (c == 'u') return read_unicode(out);
    const auto known = c == '\0' ? std::string_view::npos : letters.find(c);
    if (known == std::string_view::npos) return fail("unknown escape sequence");
    out += values[known];
    at_ += 2;
    return true;
  }

  std::optional<std::uint32_t> read_hex() {
    constexpr std::size_t escape_bytes = 6;
    if (peek() != '\\' || peek(1) != 'u' || at_ + escape_bytes > text_.size()) return std::nullopt;
    const auto value = hex_value(text_.substr(at_ + 2, escape_bytes - 2));
    if (value) at_ += escape_bytes;
    return value;
  }

  bool read_unicode(std::string& out) {
    auto code = read_hex();
    if (!code) return fail("\\u needs four hexadecimal digits");
    if (*code >= 0xD800 && *code < 0xDC00) {
      const auto low = read_hex();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return fail("half a surrogate pair");
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    } else if (*code >= 0xDC00 && *code <= 0xDFFF) {
      return fail("half a surrogate pair");
    }
    append_utf8(out, *code);
    return true;
  }

  // Takes what matches the digit pattern: 'd' a digit, anything else itself.
  bool take(std::string_view pattern) {
    if (at_ + pattern.size() > text_.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const char c = text_[at_ + i];
      if (pattern[i] == 'd' ? !is_digit(c) : c != pattern[i]) return false;
    }
    at_ += pattern.size();
    return true;
  }

  void take_time() {
    if (!take("dd") || !take(":dd") || !take(":dd")) return;
    if (peek() != '.' || !is_digit(peek(1))) return;
    ++at_;
    while (is_digit(peek())) ++at_;
  }

  // The ranges of the parts are checked when the literal becomes a value.
  bool read_moment(Token& token) {
    std::size_t start = ++at_;
    token.kind = TokenKind::date;
    if (peek() == 'T') {
      token.kind = TokenKind::time;
      start = ++at_;
      take_time();
      if (at_ == start) return fail("a time needs at least an hour");
    } else {
      if (!take("dddd")) return fail("a date needs a year of four digits");
      if (take("-dd")) take("-dd");
      if (peek() == 'T') {
        ++at_;
        token.kind = TokenKind::date_time;
        take_time();
        if (is_digit(text_[at_ - 1]) && !take("Z") && !take("+dd:dd")) take("-dd:dd");
      }
    }
    token.text = text_.substr(start, at_ - start);
    return true;
  }

  bool read_symbol(Token& token) {
    constexpr std::array<std::string_view, 4> doubles{"<=", ">=", "!=", "!~"};
    constexpr std::string_view singles = "+-*/&|.,()[]{}<>=~%";
    token.kind = TokenKind::symbol;
    const auto rest = text_.substr(at_);
    for (const auto symbol : doubles) {
      if (!rest.starts_with(symbol)) continue;
      token.text = symbol;
      at_ += symbol.size();
      return true;
    }
    if (singles.find(rest.front()) == std::string_view::npos) return fail("unexpected character");
    token.text = rest.substr(0, 1);
    ++at_;
    return true;
  }

  std::string_view text_;
  Error& error_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<Token>> tokenize(std::string_view text, Error& error) {
  std::vector<Token> tokens;
  if (!Lexer{text, error}.run(tokens)) return std::nullopt;
  return tokens;
}

}  // namespace cpis::fhir::path
