#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cpis::fhir {

/// The primitive types of FHIR R4 (2.24.0.1).
enum class Primitive : std::uint8_t {
  none,  ///< not a primitive type
  boolean,
  integer,
  unsigned_int,
  positive_int,
  decimal,
  string,
  markdown,
  uri,
  url,
  canonical,
  oid,
  uuid,
  id,
  code,
  base64_binary,
  date,
  date_time,
  instant,
  time,
  xhtml,
};

/// `string` for `string`; `none` for a name that is no primitive type.
Primitive primitive_named(std::string_view type_name);

/// FHIR's bound on strings, 1 MB.
inline constexpr std::size_t string_bytes_max = std::size_t{1024} * 1024;

/// What is wrong with the literal, as a phrase for a finding ("is not a date"); null when nothing.
/// An empty literal is wrong for every type. Dates are checked against the calendar. Does not judge
/// xhtml.
const char* literal_fault(Primitive type, std::string_view literal);

/// A text that says nothing: FHIR R4 2.24.0.1 wants something besides blanks in every string.
bool only_blanks(std::string_view literal);

/// `urn:uuid:` with capitals, which FHIR R4 does not want: comparing tells it from the same UUID in
/// lower case. Wrong for the type uuid, and for `literal_fault` only there.
bool uuid_in_capitals(std::string_view uri);

/// A logical id: 1 to 64 letters, digits, `-` and `.`.
bool id_literal(std::string_view literal);

}  // namespace cpis::fhir
