#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Text as FHIRPath functions see it: UTF-8 in, counted in characters. Malformed bytes count as one
/// character each and pass through unchanged.
namespace cpis::fhir::path {

/// Bytes of the character at the front; 0 for an empty text.
std::size_t character_bytes(std::string_view text);
std::size_t character_count(std::string_view text);
/// The byte offset of a character, the size of the text when there are fewer.
std::size_t byte_offset(std::string_view text, std::size_t characters);
void append_utf8(std::string& out, std::uint32_t code);
std::optional<std::uint32_t> hex_value(std::string_view digits);

/// Simple case mapping of the Latin, Greek and Cyrillic letters; others stay.
std::string lower(std::string_view text);
std::string upper(std::string_view text);
/// Lower case, runs of white space as one blank, none at the ends: what `~` compares.
std::string equivalence_form(std::string_view text);

std::string base64(std::string_view bytes, bool url_safe);
std::optional<std::string> from_base64(std::string_view text, bool url_safe);
std::string hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string escape_html(std::string_view text);
std::string unescape_html(std::string_view text);
std::string escape_json(std::string_view text);
/// None for a broken escape sequence.
std::optional<std::string> unescape_json(std::string_view text);

}  // namespace cpis::fhir::path
