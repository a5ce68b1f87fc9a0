#include "gateway/store/column_text.h"

namespace cpis::store {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

// Bytes of the character at the start of `text`; 0 when it is ill-formed (RFC 3629, 4).
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (!continues(text, 1)) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (lead < 0xE0) return 2;
  if (!continues(text, 2)) return 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong = lead == 0xF0 && second < 0x90;
  const bool too_large = lead == 0xF4 && second >= 0x90;
  return overlong || too_large || !continues(text, 3) ? 0 : 4;
}

std::string mend(std::string_view text, std::size_t characters_max) {
  std::string out;
  for (std::size_t count = 0; !text.empty() && count < characters_max; ++count) {
    const std::size_t bytes = character_bytes(text);
    out += bytes == 0 ? replacement : text.substr(0, bytes);
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

// Nearly every text is; no branch for each byte, so that the compiler takes many at once.
bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

bool fits(std::string_view text, std::size_t characters_max) {
  if (text.size() <= characters_max && is_ascii(text)) return true;
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0 || ++count > characters_max) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace

ColumnText::ColumnText(std::string_view text, std::size_t characters_max) : text_{text} {
  if (!fits(text, characters_max)) mended_ = mend(text, characters_max);
}

ColumnText::ColumnText(std::optional<std::string_view> text, std::size_t characters_max)
    : ColumnText{text.value_or(std::string_view{}), characters_max} {
  is_null_ = !text.has_value();
}

}  // namespace cpis::store
