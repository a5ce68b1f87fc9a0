#include "adapters/spine/person_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cpis::spine {
namespace {

constexpr std::array<std::string_view, 19> titles{
    "Mr",   "Mrs",  "Miss", "Ms",     "Mx",    "Dr",  "Prof", "Professor", "Sir", "Dame",
    "Lord", "Lady", "Rev",  "Sister", "Nurse", "Mr.", "Mrs.", "Ms.",       "Dr."};

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_title(std::string_view word) {
  return std::any_of(titles.begin(), titles.end(),
                     [&](std::string_view title) { return same_letters(title, word); });
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    at = end;
  }
  return words;
}

void append_word(std::string& out, std::string_view word) {
  if (word.empty()) return;
  if (!out.empty()) out += ' ';
  out += word;
}

}  // namespace

NameParts split_name(std::string_view display) {
  std::vector<std::string> words = words_in(display);
  NameParts parts;
  if (words.empty()) return parts;
  parts.family = words.back();
  words.pop_back();
  if (!words.empty() && is_title(words.front())) {
    parts.prefix = words.front();
    words.erase(words.begin());
  }
  for (const std::string& word : words) {
    if (parts.given.size() < NameParts::given_max) {
      parts.given.push_back(word);
    } else {
      parts.given.back() += ' ' + word;
    }
  }
  return parts;
}

std::string join_name(const NameParts& parts) {
  std::string out;
  append_word(out, parts.prefix);
  for (const std::string& given : parts.given) append_word(out, given);
  append_word(out, parts.family);
  append_word(out, parts.suffix);
  return out;
}

void write_name(XmlWriter& xml, std::string_view display) {
  const NameParts parts = split_name(display);
  xml.open("name").attr("use", "L");
  if (!parts.prefix.empty()) xml.leaf("prefix", parts.prefix);
  for (const std::string& given : parts.given) xml.leaf("given", given);
  if (!parts.family.empty()) xml.leaf("family", parts.family);
  xml.close();
}

std::string read_name(XmlView name) {
  if (!name.first_child()) return join_name(split_name(name.text()));
  NameParts parts;
  for (XmlView part = name.first_child(); part; part = part.next()) {
    if (part.name() == "prefix") append_word(parts.prefix, part.text());
    if (part.name() == "given") parts.given.emplace_back(part.text());
    if (part.name() == "family") append_word(parts.family, part.text());
    if (part.name() == "suffix") append_word(parts.suffix, part.text());
  }
  return join_name(parts);
}

}  // namespace cpis::spine
