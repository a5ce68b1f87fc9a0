#include "adapters/hl7v2/charset.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "adapters/hl7v2/single_byte_sets.h"

namespace cpis::hl7v2 {
namespace {

constexpr char32_t replacement = 0xFFFD;

// Windows-1252, 0x80 to 0x9F (Unicode mapping CP1252.TXT); 0xFFFD where it assigns nothing.
constexpr std::array<char32_t, 32> windows_1252_upper{
    0x20AC,      replacement, 0x201A, 0x0192, 0x201E, 0x2026,      0x2020, 0x2021,
    0x02C6,      0x2030,      0x0160, 0x2039, 0x0152, replacement, 0x017D, replacement,
    replacement, 0x2018,      0x2019, 0x201C, 0x201D, 0x2022,      0x2013, 0x2014,
    0x02DC,      0x2122,      0x0161, 0x203A, 0x0153, replacement, 0x017E, 0x0178};

struct Latin9Difference {
  unsigned char byte;
  char32_t code_point;
};
constexpr std::array latin9_differences{
    Latin9Difference{0xA4, 0x20AC}, Latin9Difference{0xA6, 0x0160}, Latin9Difference{0xA8, 0x0161},
    Latin9Difference{0xB4, 0x017D}, Latin9Difference{0xB8, 0x017E}, Latin9Difference{0xBC, 0x0152},
    Latin9Difference{0xBD, 0x0153}, Latin9Difference{0xBE, 0x0178}};

char32_t code_point_of(unsigned char byte, Charset charset) {
  if (charset > Charset::iso_8859_15) return code_points_of(charset)[byte];
  if (byte >= 0x80 && byte <= 0x9F) return windows_1252_upper[byte - 0x80U];
  if (charset == Charset::iso_8859_15) {
    for (const Latin9Difference& row : latin9_differences) {
      if (row.byte == byte) return row.code_point;
    }
  }
  return byte;
}

void append_utf8(std::string& out, char32_t c) {
  const auto push = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0 | (c >> 6));
    push(0x80 | (c & 0x3F));
  } else {  // all of our tables are below U+10000
    push(0xE0 | (c >> 12));
    push(0x80 | ((c >> 6) & 0x3F));
    push(0x80 | (c & 0x3F));
  }
}

// Length of the UTF-8 sequence at the front; 0 when there is none.
std::size_t sequence_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = at(0);
  std::size_t length = 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && at(1) < 0xA0) return 0;  // overlong
  if (first == 0xED && at(1) > 0x9F) return 0;  // surrogates
  if (first == 0xF0 && at(1) < 0x90) return 0;  // overlong
  if (first == 0xF4 && at(1) > 0x8F) return 0;  // over U+10FFFF
  return length;
}

// Many at a time: nearly every message is.
bool is_ascii(std::string_view bytes) {
  std::array<std::uint64_t, 4> lanes{};
  for (; bytes.size() >= sizeof lanes; bytes.remove_prefix(sizeof lanes)) {
    std::array<std::uint64_t, 4> next{};
    std::memcpy(next.data(), bytes.data(), sizeof next);
    for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] |= next[i];
  }
  std::uint64_t all = lanes[0] | lanes[1] | lanes[2] | lanes[3];
  for (const char c : bytes) all |= static_cast<unsigned char>(c);
  return (all & 0x8080808080808080U) == 0;
}

// The name without separators, in capitals: "ISO 8859/1" and "8859-1" meet.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') plain += static_cast<char>(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain;
}

struct CharsetName {
  std::string_view name;
  Charset charset;
};
constexpr std::array charset_names{
    CharsetName{"ASCII", Charset::utf8},         CharsetName{"USASCII", Charset::utf8},
    CharsetName{"UTF8", Charset::utf8},          CharsetName{"UNICODEUTF8", Charset::utf8},
    CharsetName{"UNICODE", Charset::utf8},  // ITK's word; UCS-2 could not travel in MLLP
    CharsetName{"ISO10646", Charset::utf8},      CharsetName{"ISOIR100", Charset::iso_8859_1},
    CharsetName{"LATIN1", Charset::iso_8859_1},  CharsetName{"LATIN2", Charset::iso_8859_2},
    CharsetName{"LATIN3", Charset::iso_8859_3},  CharsetName{"LATIN4", Charset::iso_8859_4},
    CharsetName{"LATIN5", Charset::iso_8859_9},  CharsetName{"LATIN6", Charset::iso_8859_10},
    CharsetName{"LATIN7", Charset::iso_8859_13}, CharsetName{"LATIN8", Charset::iso_8859_14},
    CharsetName{"LATIN9", Charset::iso_8859_15}, CharsetName{"LATIN10", Charset::iso_8859_16},
    CharsetName{"ANSI", Charset::windows_1252},
};

// What follows `8859`, and `WINDOWS`, `CP` or nothing.
constexpr std::array iso_8859_parts{
    CharsetName{"1", Charset::iso_8859_1},   CharsetName{"2", Charset::iso_8859_2},
    CharsetName{"3", Charset::iso_8859_3},   CharsetName{"4", Charset::iso_8859_4},
    CharsetName{"5", Charset::iso_8859_5},   CharsetName{"6", Charset::iso_8859_6},
    CharsetName{"7", Charset::iso_8859_7},   CharsetName{"8", Charset::iso_8859_8},
    CharsetName{"9", Charset::iso_8859_9},   CharsetName{"10", Charset::iso_8859_10},
    CharsetName{"11", Charset::iso_8859_11}, CharsetName{"13", Charset::iso_8859_13},
    CharsetName{"14", Charset::iso_8859_14}, CharsetName{"15", Charset::iso_8859_15},
    CharsetName{"16", Charset::iso_8859_16},
};
constexpr std::array windows_pages{
    CharsetName{"1250", Charset::windows_1250}, CharsetName{"1251", Charset::windows_1251},
    CharsetName{"1252", Charset::windows_1252}, CharsetName{"1253", Charset::windows_1253},
    CharsetName{"1254", Charset::windows_1254}, CharsetName{"1255", Charset::windows_1255},
    CharsetName{"1256", Charset::windows_1256}, CharsetName{"1257", Charset::windows_1257},
    CharsetName{"1258", Charset::windows_1258},
};

template <class Rows>
std::optional<Charset> row_named(const Rows& rows, std::string_view name) {
  const auto row = std::ranges::find(rows, name, &CharsetName::name);
  return row == rows.end() ? std::nullopt : std::optional{row->charset};
}

// Table 0211's sets of more than one byte for a letter, whose bytes may look like delimiters.
constexpr std::array<std::string_view, 10> wide_names{
    "ISOIR14", "ISOIR87",      "ISOIR159", "GB180302000", "GB18030",
    "KSX1001", "CNS116431992", "BIG5",     "CNS11643",    "SHIFTJIS"};

constexpr char escape = 0x1B;  // begins a sequence of ISO 2022

bool is_wide(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("\xFE\xFF"sv) ||
         bytes.starts_with("M\0S\0"sv) || bytes.starts_with("\0M\0S"sv) ||
         bytes.starts_with("M\0\0\0"sv) || bytes.starts_with("\0\0\0M"sv);
}

// ASCII stays; what the other bytes mean is not known.
std::string without_letters(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(out, byte < 0x80 ? byte : replacement);
  }
  return out;
}

void tell(Findings& findings, Severity severity, std::string_view rule, std::string text) {
  findings.push_back({severity, std::string{rule}, {}, 0, "MSH-18", std::move(text)});
}

}  // namespace

std::optional<Charset> charset_named(std::string_view name) {
  const std::string plain = plain_name(name);
  if (const auto named = row_named(charset_names, plain)) return named;
  std::string_view rest{plain};
  for (const std::string_view front : {"ISO", "WINDOWS", "CP"}) {
    if (rest.starts_with(front)) rest.remove_prefix(front.size());
  }
  constexpr std::string_view iso = "8859";
  if (rest.starts_with(iso)) return row_named(iso_8859_parts, rest.substr(iso.size()));
  return row_named(windows_pages, rest);
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string to_utf8(std::string_view bytes, Charset charset) {
  if (charset == Charset::utf8) charset = Charset::windows_1252;
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes)
    append_utf8(out, code_point_of(static_cast<unsigned char>(c), charset));
  return out;
}

bool stands_as_it_is(std::string_view bytes, std::string_view msh_18) {
  if (is_wide(bytes)) return false;
  // Whatever set is declared: without ESC there is nothing but ASCII in it.
  if (is_ascii(bytes) && bytes.find(escape) == bytes.npos) return true;
  return (msh_18.empty() || charset_named(msh_18)) && is_utf8(bytes);
}

Decoded decode(std::string_view bytes, std::string_view msh_18, CharsetDefault fallback,
               Findings& findings) {
  if (is_wide(bytes)) {
    tell(findings, Severity::fatal, "HL7-CHARSET-1",
         "the bytes are UTF-16 or UTF-32, which MLLP cannot carry");
    return {.readable = false, .converted = {}};
  }
  const auto declared = charset_named(msh_18);
  const bool unknown = !msh_18.empty() && !declared;
  const bool ascii = is_ascii(bytes);
  if (unknown && std::ranges::count(wide_names, plain_name(msh_18)) != 0 &&
      (!ascii || bytes.find(escape) != bytes.npos)) {
    tell(findings, Severity::fatal, "HL7-CHARSET-5",
         "the declared character set takes several bytes for a letter and is not read here");
    return {.readable = false, .converted = {}};
  }
  if (unknown) {
    tell(findings, Severity::warning, "HL7-CHARSET-2",
         "the declared character set is not one this reader knows; what is not ASCII or UTF-8 is "
         "lost unless the feed's charset is set");
  }
  if (ascii) return {};
  if (is_utf8(bytes)) {
    if (declared && *declared != Charset::utf8) {
      tell(findings, Severity::information, "HL7-CHARSET-3",
           "a single-byte set is declared, the bytes are UTF-8 and are read so");
    }
    return {};
  }
  if (declared == Charset::utf8) {
    tell(findings, Severity::warning, "HL7-CHARSET-4",
         "the bytes are not the declared character set; read with the listener's default");
  }
  if (unknown && !fallback.stated) return {.readable = true, .converted = without_letters(bytes)};
  const Charset used = declared && *declared != Charset::utf8 ? *declared : fallback.charset;
  return {.readable = true, .converted = to_utf8(bytes, used)};
}

}  // namespace cpis::hl7v2
