#pragma once

#include <cstdint>
#include <string_view>

namespace cpis::fhir {

/// `Patient` for `Patient/1`, `http://a/fhir/Patient/1`, `Patient/1/_history/2`; empty for what is
/// no RESTful reference. Whether there is such a type is not judged.
std::string_view type_in_reference(std::string_view reference);

/// The parts of a reference.
struct ReferenceText {
  std::string_view base;     ///< `http://a/fhir/`; empty when relative
  std::string_view type;     ///< `Patient`; empty when the reference is not RESTful
  std::string_view id;       ///< `1`
  std::string_view version;  ///< `2`; mostly empty
  std::string_view plain;    ///< without version and fragment
};
ReferenceText split_reference(std::string_view reference);

/// The form a reference is written in (FHIR R4 2.3.0.1).
enum class ReferenceForm : std::uint8_t {
  local,        ///< `#x`, what is contained
  absolute,     ///< begins with a scheme
  relative,     ///< `Type/id`, `Type/id/_history/version`
  conditional,  ///< `Type?search`
  bare,         ///< a relative URL that names no type: `x`
  broken,       ///< relative and none of these, or of an id that is none
};
ReferenceForm form_of(std::string_view reference);

}  // namespace cpis::fhir
