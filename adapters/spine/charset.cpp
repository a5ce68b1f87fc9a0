#include "adapters/spine/charset.h"

#include <algorithm>
#include <array>

#include "adapters/spine/mime.h"

namespace cpis::spine {
namespace {

// What 0x80 to 0x9F stand for; 0: nothing.
constexpr std::array<char16_t, 32> windows_1252{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

void append(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80) {
    out += c;
    return;
  }
  unsigned code = byte;
  if (byte < 0xA0) code = windows_1252[byte - 0x80U] != 0 ? windows_1252[byte - 0x80U] : 0xFFFD;
  if (code >= 0x800) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
  } else {
    out += static_cast<char>(0xC0U | (code >> 6U));
  }
  out += static_cast<char>(0x80U | (code & 0x3FU));
}

bool names_its_encoding(std::string_view xml) {
  const std::size_t begin = xml.find("<?xml");
  if (begin == std::string_view::npos || begin > 8) return false;
  return xml.substr(begin, xml.find("?>", begin) - begin).find("encoding") !=
         std::string_view::npos;
}

}  // namespace

std::string to_utf8(std::string_view content_type, std::string bytes) {
  if (std::all_of(bytes.begin(), bytes.end(), is_ascii)) return bytes;
  std::string charset = parse_media_type(content_type).parameters["charset"];
  std::transform(charset.begin(), charset.end(), charset.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (charset != "iso-8859-1" && charset != "windows-1252") return bytes;
  if (names_its_encoding(bytes)) return bytes;
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) append(out, c);
  return out;
}

}  // namespace cpis::spine
