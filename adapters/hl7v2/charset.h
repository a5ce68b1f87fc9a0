#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/finding.h"

namespace cpis::hl7v2 {

/// Character sets that can be read: UTF-8 and those of a single byte (HL7 table 0211 and what is
/// written instead).
enum class Charset : std::uint8_t {
  utf8,
  windows_1252,
  iso_8859_1,
  iso_8859_15,
  iso_8859_2,
  iso_8859_3,
  iso_8859_4,
  iso_8859_5,
  iso_8859_6,
  iso_8859_7,
  iso_8859_8,
  iso_8859_9,
  iso_8859_10,
  iso_8859_11,
  iso_8859_13,
  iso_8859_14,
  iso_8859_16,
  windows_1250,
  windows_1251,
  windows_1253,
  windows_1254,
  windows_1255,
  windows_1256,
  windows_1257,
  windows_1258,
};
inline constexpr std::size_t charset_count = 25;

/// What bytes are read with that are not UTF-8 when MSH-18 names no set.
struct CharsetDefault {
  Charset charset = Charset::windows_1252;
  /// An operator said so: also for bytes whose MSH-18 names a set that nobody knows.
  bool stated = false;

  // NOLINTNEXTLINE(google-explicit-constructor): a set stands for itself.
  constexpr CharsetDefault(Charset which, bool by_operator = false)
      : charset{which}, stated{by_operator} {}
};

/// The set that a spelling in MSH-18 or in the settings names: `UNICODE UTF-8`, `UNICODE`, `UTF8`,
/// `8859/1`, `8859-2`, `ISO8859/15`, `ISO-8859-9`, `LATIN2`, `WINDOWS-1252`, `CP1250`..., case and
/// separators ignored. ASCII counts as UTF-8, whose subset it is. Nothing for other names.
std::optional<Charset> charset_named(std::string_view name);

/// Strict: no overlong forms, surrogates or values over U+10FFFF (RFC 3629).
bool is_utf8(std::string_view bytes);

/// Bytes of a single-byte set as UTF-8. The five unassigned bytes of Windows-1252 and the C1
/// controls of 8859-1 are read as Windows-1252 does and become U+FFFD where it has nothing.
std::string to_utf8(std::string_view bytes, Charset charset);

/// Text of a message as UTF-8.
struct Decoded {
  bool readable = true;  ///< false: UTF-16, UTF-32, or a declared set of several bytes
  std::optional<std::string> converted;  ///< absent when the bytes can be used as they are
};

/// True: `decode` would read the bytes and leave them as they are. False says nothing.
bool stands_as_it_is(std::string_view bytes, std::string_view msh_18);

/// Turns message bytes into UTF-8, in this order: plain ASCII as it is; a declared UTF-8 or no
/// declaration, when the bytes are strict UTF-8; the declared single-byte set; `fallback`. Bytes
/// that contradict the declaration are read by what they are and leave a finding.
///
/// Letters are never guessed: of a set that nobody knows each byte above 0x7F becomes U+FFFD,
/// unless `fallback` was stated, and text in one of the sets of table 0211 that take several bytes
/// for a letter (ISO IR87, ISO IR159, GB 18030-2000, KS X 1001, CNS 11643-1992, BIG-5) is not read
/// at all.
Decoded decode(std::string_view bytes, std::string_view msh_18, CharsetDefault fallback,
               Findings& findings);

}  // namespace cpis::hl7v2
