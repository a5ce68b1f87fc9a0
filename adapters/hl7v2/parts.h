#pragma once

#include <cstddef>
#include <string_view>

namespace cpis::hl7v2 {

/// The n-th part (from 1) of `text` between separators; empty when there are fewer. A separator
/// of `\0` (not declared) makes the whole text the first and only part.
inline std::string_view part(std::string_view text, char separator, std::size_t n) {
  if (separator == '\0') return n == 1 ? text : std::string_view{};
  for (; n > 1; --n) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + 1);
  }
  return text.substr(0, text.find(separator));
}

/// How many parts there are; 0 for empty text.
inline std::size_t count_parts(std::string_view text, char separator) {
  if (text.empty()) return 0;
  std::size_t count = 1;
  if (separator == '\0') return count;
  for (std::size_t at = text.find(separator); at != std::string_view::npos; ++count) {
    at = text.find(separator, at + 1);
  }
  return count;
}

}  // namespace cpis::hl7v2
