#include "adapters/social_care/text.h"

#include <algorithm>

namespace cpis::social_care {
namespace {

constexpr std::string_view no_break_space = "\xC2\xA0";

// Length of the blank at the front of `text`, 0 when there is none.
std::size_t blank_length(std::string_view text) {
  if (text.empty()) return 0;
  const char c = text.front();
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return 1;
  return text.starts_with(no_break_space) ? no_break_space.size() : 0;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (const std::size_t blank = blank_length(text)) text.remove_prefix(blank);
  while (!text.empty()) {
    const char c = text.back();
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      text.remove_suffix(1);
    } else if (text.ends_with(no_break_space)) {
      text.remove_suffix(no_break_space.size());
    } else {
      break;
    }
  }
  return text;
}

std::string collapsed(std::string_view text) {
  text = trimmed(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t blank = blank_length(text);
    if (blank == 0) {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    out.push_back(' ');
    for (; blank != 0; blank = blank_length(text)) text.remove_prefix(blank);
  }
  return out;
}

std::string folded(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equal_folded(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool matches(std::string_view name, std::string_view pattern) {
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_n = n;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace cpis::social_care
