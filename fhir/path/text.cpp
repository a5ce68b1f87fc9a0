#include "fhir/path/text.h"

#include <array>

namespace cpis::fhir::path {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;
  bool good = false;
};

Character read_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return {};
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t size = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : (first >= 0xC2 ? 2 : 0));
  if (size == 0 || size > text.size() || first > 0xF4) return {first, 1, false};
  std::uint32_t code = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {first, 1, false};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  return {code, size, true};
}

bool between(std::uint32_t code, std::uint32_t low, std::uint32_t high) {
  return code >= low && code <= high;
}

// Blocks where upper and lower case letters alternate, the upper case one even.
bool alternating(std::uint32_t code) {
  return between(code, 0x100, 0x12F) || between(code, 0x132, 0x137) ||
         between(code, 0x14A, 0x177) || between(code, 0x460, 0x481) ||
         between(code, 0x48A, 0x4BF) || between(code, 0x4D0, 0x52F) ||
         between(code, 0x1E00, 0x1E95) || between(code, 0x1EA0, 0x1EFF);
}
bool alternating_odd(std::uint32_t code) {
  return between(code, 0x139, 0x148) || between(code, 0x179, 0x17E);
}

std::uint32_t lower_of(std::uint32_t code) {
  if (between(code, 'A', 'Z')) return code + 32;
  if (code < 0xC0) return code;
  if ((between(code, 0xC0, 0xDE) && code != 0xD7) || between(code, 0x410, 0x42F)) return code + 32;
  if (between(code, 0x391, 0x3A9) && code != 0x3A2) return code + 32;
  if (between(code, 0x400, 0x40F)) return code + 80;
  if (code == 0x178) return 0xFF;
  if (alternating(code)) return code | 1U;
  if (alternating_odd(code) && code % 2 == 1) return code + 1;
  return code;
}

std::uint32_t upper_of(std::uint32_t code) {
  if (between(code, 'a', 'z')) return code - 32;
  if (code < 0xE0) return code;
  if (code == 0xFF) return 0x178;
  if ((between(code, 0xE0, 0xFE) && code != 0xF7) || between(code, 0x430, 0x44F)) return code - 32;
  if (code == 0x3C2) return 0x3A3;
  if (between(code, 0x3B1, 0x3C9)) return code - 32;
  if (between(code, 0x450, 0x45F)) return code - 80;
  if (alternating(code)) return code & ~1U;
  if (alternating_odd(code) && code % 2 == 0) return code - 1;
  return code;
}

template <class Map>
std::string mapped(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = read_character(text);
    if (c.good) {
      append_utf8(out, map(c.code));
    } else {
      out += text.front();
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr std::string_view base64_plain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64_url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct HtmlEscape {
  std::string_view name;
  char value;
};
constexpr std::array html_escapes{HtmlEscape{"&amp;", '&'},  HtmlEscape{"&lt;", '<'},
                                  HtmlEscape{"&gt;", '>'},   HtmlEscape{"&quot;", '"'},
                                  HtmlEscape{"&#39;", '\''}, HtmlEscape{"&apos;", '\''}};

constexpr std::string_view json_letters = "\"\\/bfnrt";
constexpr std::string_view json_values = "\"\\/\b\f\n\r\t";

}  // namespace

std::size_t character_bytes(std::string_view text) { return read_character(text).bytes; }

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(character_bytes(text));
  return count;
}

std::size_t byte_offset(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (; characters > 0 && at < text.size(); --characters) at += character_bytes(text.substr(at));
  return at;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::optional<std::uint32_t> hex_value(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    value <<= 4U;
    if (c >= '0' && c <= '9') {
      value |= static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value |= static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      value |= static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

std::string lower(std::string_view text) { return mapped(text, lower_of); }
std::string upper(std::string_view text) { return mapped(text, upper_of); }

std::string equivalence_form(std::string_view text) {
  std::string out;
  bool gap = false;
  for (const char c : lower(text)) {
    if (is_blank(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

std::string base64(std::string_view bytes, bool url_safe) {
  const std::string_view letters = url_safe ? base64_url : base64_plain;
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8U) | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= count ? letters[(group >> (18U - 6U * j)) & 0x3FU] : '=';
    }
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text, bool url_safe) {
  const std::string_view letters = url_safe ? base64_url : base64_plain;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto value = letters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = ((bits << 6U) | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> count) & 0xFFU);
  }
  return count == 6 ? std::nullopt : std::optional{out};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto value = hex_value(text.substr(i, 2));
    if (!value) return std::nullopt;
    out += static_cast<char>(*value);
  }
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    std::string_view name;
    for (const auto& row : html_escapes) {
      if (row.value == c && name.empty()) name = row.name;
    }
    if (name.empty()) {
      out += c;
    } else {
      out += name;
    }
  }
  return out;
}

std::string unescape_html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t used = 1;
    char value = text.front();
    for (const auto& row : html_escapes) {
      if (!text.starts_with(row.name)) continue;
      value = row.value;
      used = row.name.size();
    }
    out += value;
    text.remove_prefix(used);
  }
  return out;
}

std::string escape_json(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto known = c == '/' ? std::string_view::npos : json_values.find(c);
    if (known != std::string_view::npos) {
      out += '\\';
      out += json_letters[known];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00" + hex({&c, 1});
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> unescape_json(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (text[i] == 'u') {
      const auto code = text.size() - i > 4 ? hex_value(text.substr(i + 1, 4)) : std::nullopt;
      if (!code || (*code >= 0xD800 && *code <= 0xDFFF)) return std::nullopt;
      append_utf8(out, *code);
      i += 4;
      continue;
    }
    const auto known = json_letters.find(text[i]);
    if (known == std::string_view::npos) return std::nullopt;
    out += json_values[known];
  }
  return out;
}

}  // namespace cpis::fhir::path
