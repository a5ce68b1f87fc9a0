#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/path/error.h"

namespace cpis::fhir::path {

enum class TokenKind : std::uint8_t {
  identifier,   ///< `text` is unescaped
  delimited,    ///< `` `name` ``, never a keyword
  string,       ///< `text` is unescaped
  number,       ///< `text` as written
  long_number,  ///< as written, without the L
  date,         ///< without the @
  date_time,    ///< without the @
  time,         ///< without the @T
  dollar,       ///< $this, $index, $total: `text` without the $
  symbol,       ///< one of + - * / & | . , ( ) [ ] { } < > <= >= = != ~ !~ %
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t position = 0;
  std::string text;
};

/// FHIRPath N1, grammar, lexer rules; comments and white space are dropped. The last token is
/// `end`. None, with `error` set, for text that is not FHIRPath.
std::optional<std::vector<Token>> tokenize(std::string_view text, Error& error);

}  // namespace cpis::fhir::path
