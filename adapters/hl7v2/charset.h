#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/finding.h"

namespace cpis::hl7v2 {

/// Character sets that UK feeds use in MLLP (HL7 table 0211 and what is written instead).
enum class Charset : std::uint8_t { utf8, windows_1252, iso_8859_1, iso_8859_15 };

/// The set that a spelling in MSH-18 or in the settings names: `UNICODE UTF-8`, `UNICODE`, `UTF8`,
/// `8859/1`, `8859-1`, `ISO8859/1`, `ISO-8859-15`, `WINDOWS-1252`, `CP1252`..., case and
/// separators ignored. ASCII counts as UTF-8, whose subset it is. Nothing for other names.
std::optional<Charset> charset_named(std::string_view name);

/// Strict: no overlong forms, surrogates or values over U+10FFFF (RFC 3629).
bool is_utf8(std::string_view bytes);

/// Bytes of a single-byte set as UTF-8. The five unassigned bytes of Windows-1252 and the C1
/// controls of 8859-1 are read as Windows-1252 does and become U+FFFD where it has nothing.
std::string to_utf8(std::string_view bytes, Charset charset);

/// Text of a message as UTF-8.
struct Decoded {
  bool readable = true;                  ///< false: UTF-16 or UTF-32, which MLLP cannot carry
  std::optional<std::string> converted;  ///< absent when the bytes can be used as they are
};

/// Turns message bytes into UTF-8, in this order: plain ASCII as it is; a declared UTF-8 or no
/// declaration, when the bytes are strict UTF-8; the declared single-byte set; `fallback`. Bytes
/// that contradict the declaration are read by what they are and leave a finding.
Decoded decode(std::string_view bytes, std::string_view msh_18, Charset fallback,
               Findings& findings);

}  // namespace cpis::hl7v2
