#pragma once

#include <string>
#include <string_view>

namespace cpis::test {

/// Whether the text holds this part.
inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// What stands after the first `before`, up to the next `after` or the end; empty when there is no
/// `before`.
inline std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + before.size();
  return std::string{text.substr(from, text.find(after, from) - from)};
}

}  // namespace cpis::test
