#pragma once

#include <string>
#include <string_view>

#include "adapters/hl7v2/delimiters.h"

namespace cpis::hl7v2 {

/// The text that one subcomponent stands for (HL7 v2.4, 2.10).
///
/// `\F\ \S\ \T\ \R\ \E\ \P\` become delimiters, `\.br\` and its kin line ends, `\Xhh..\` bytes,
/// `\H\` and `\N\` nothing. What is not known here (`\Z..\`, `\C..\`, `\M..\`, a lone escape
/// character) passes through unchanged. Control characters other than tab and line ends are
/// dropped. The result is UTF-8: bytes from `\X` that are not are taken as Windows-1252.
std::string unescape(std::string_view raw, const Delimiters& delimiters);

/// Whether `unescape` leaves the text as it is; nearly every text is so.
bool stands_for_itself(std::string_view raw, const Delimiters& delimiters);

/// `raw` without control characters other than tab and line ends, else as it stands: for texts that
/// are compared as they came and are shown.
std::string without_controls(std::string_view raw);

/// `text` with its delimiters escaped, line ends as `\.br\`, other control characters dropped, so
/// that it can stand in a subcomponent. Without an escape character delimiters become blanks.
std::string escape(std::string_view text, const Delimiters& delimiters);
/// The same, behind what is in `raw`.
void append_escaped(std::string& raw, std::string_view text, const Delimiters& delimiters);

}  // namespace cpis::hl7v2
