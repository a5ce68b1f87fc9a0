#include "adapters/hl7v2/escapes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "adapters/hl7v2/charset.h"

namespace cpis::hl7v2 {
namespace {

constexpr std::size_t formatting_lines_max = 20;  // \.sp99999\ must not make a book

bool is_dropped_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> hex_bytes(std::string_view digits) {
  if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_value(digits[i]);
    const int low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    const char byte = static_cast<char>(high * 16 + low);
    if (!is_dropped_control(byte)) bytes += byte;
  }
  return is_utf8(bytes) ? bytes : to_utf8(bytes, Charset::windows_1252);
}

std::size_t count_in(std::string_view digits) {
  std::size_t count = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') continue;
    count = count * 10 + static_cast<std::size_t>(c - '0');
    if (count > formatting_lines_max) return formatting_lines_max;
  }
  return count;
}

// HL7 v2.4, 2.10.6: formatted text. Only what changes the words is kept.
std::optional<std::string> formatting(std::string_view code) {
  if (code == ".br" || code == ".ce") return "\n";
  if (code.starts_with(".sp")) return std::string(code.size() > 3 ? count_in(code) : 1, '\n');
  if (code.starts_with(".sk")) return std::string(count_in(code), ' ');
  if (code == ".fi" || code == ".nf" || code.starts_with(".in") || code.starts_with(".ti")) {
    return "";
  }
  return std::nullopt;
}

// What stands between two escape characters; nothing when it is not known.
std::optional<std::string> meaning_of(std::string_view code, const Delimiters& d) {
  if (code.size() == 1) {
    switch (code[0]) {
      case 'F':
        return std::string(1, d.field);
      case 'S':
        return std::string(1, d.component);
      case 'T':
        return std::string(1, d.subcomponent == Delimiters::none ? '&' : d.subcomponent);
      case 'R':
        return std::string(1, d.repetition == Delimiters::none ? '~' : d.repetition);
      case 'E':
        return std::string(1, d.escape);
      case 'P':
        return std::string(1, d.truncation == Delimiters::none ? '#' : d.truncation);
      case 'H':
      case 'N':
        return "";
      default:
        return std::nullopt;
    }
  }
  if (code.starts_with('X')) return hex_bytes(code.substr(1));
  if (code.starts_with('.')) return formatting(code);
  return std::nullopt;
}

std::string_view code_of(char c, const Delimiters& d) {
  if (c == d.field) return "F";
  if (c == d.component) return "S";
  if (c == d.escape) return "E";
  if (c == d.repetition) return "R";
  if (c == d.subcomponent) return "T";
  return c == d.truncation ? "P" : "";
}

}  // namespace

bool stands_for_itself(std::string_view raw, const Delimiters& delimiters) {
  // When no escape character is declared it is a NUL, which is dropped as well.
  const auto counts = [escape = delimiters.escape](char c) {
    return c == escape || is_dropped_control(c);
  };
  // Words first: none of the eight bytes is an escape character, below a blank, or DEL. Such a word
  // may say no wrongly; then its bytes decide.
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  const std::uint64_t escapes = ones * static_cast<unsigned char>(delimiters.escape);
  while (raw.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, raw.data(), sizeof word);
    const std::uint64_t escape = word ^ escapes;
    const std::uint64_t del = word ^ (ones * 0x7F);
    const std::uint64_t found = ((word - ones * 0x20) | (escape - ones) | (del - ones)) & ~word;
    if ((found & (ones * 0x80)) != 0 && std::any_of(raw.begin(), raw.begin() + 8, counts)) {
      return false;
    }
    raw.remove_prefix(8);
  }
  return std::none_of(raw.begin(), raw.end(), counts);
}

std::string unescape(std::string_view raw, const Delimiters& delimiters) {
  if (stands_for_itself(raw, delimiters)) return std::string{raw};
  std::string text;
  text.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const char c = raw[at];
    if (c != delimiters.escape || c == Delimiters::none) {
      if (!is_dropped_control(c)) text += c;
      continue;
    }
    const std::size_t end = raw.find(delimiters.escape, at + 1);
    const auto meaning = end == std::string_view::npos
                             ? std::nullopt
                             : meaning_of(raw.substr(at + 1, end - at - 1), delimiters);
    if (!meaning) {
      text += c;
      continue;
    }
    text += *meaning;
    at = end;
  }
  return text;
}

std::string without_controls(std::string_view raw) {
  std::string text{raw};
  std::erase_if(text, is_dropped_control);
  return text;
}

std::string escape(std::string_view text, const Delimiters& delimiters) {
  std::string raw;
  append_escaped(raw, text, delimiters);
  return raw;
}

void append_escaped(std::string& raw, std::string_view text, const Delimiters& delimiters) {
  // Letters and digits separate nothing, and most texts have nothing else.
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  if (std::all_of(text.begin(), text.end(), is_plain)) {
    raw += text;
    return;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool line_end = c == '\n' || c == '\r';
    if (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;  // CR LF is one end
    const std::string_view code = line_end ? ".br" : code_of(c, delimiters);
    if (code.empty()) {
      if (!is_dropped_control(c)) raw += c;
    } else if (delimiters.escape == Delimiters::none) {
      raw += ' ';
    } else {
      raw += delimiters.escape;
      raw += code;
      raw += delimiters.escape;
    }
  }
}

}  // namespace cpis::hl7v2
