#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fhir/tree/element.h"
#include "fhir/tree/schema.h"

namespace cpis::fhir::json {

/// Deeper trees are a bug of whoever built them: std::length_error.
inline constexpr std::size_t write_depth_max = 1000;

struct WriteOptions {
  bool pretty = false;  ///< two spaces of indentation, line feeds, no line feed at the end
  /// Says which elements are arrays and which literals are numbers. Not needed for a tree that was
  /// read from JSON or built with `append_item` and kinds; needed for one from XML without schema.
  const Schema* schema = nullptr;
};

/// Writes the element as FHIR JSON: `resourceType` first, then the children in their order, `x`
/// before `_x`, literals as they are. Text is UTF-8 with the fewest escapes. The result is always
/// well-formed JSON: a number or boolean whose literal is none is written in quotes.
std::string write(const Element& element, const WriteOptions& options = {});

/// Appends to `out`.
void write_to(std::string& out, const Element& element, const WriteOptions& options = {});

/// Appends `text` in quotes, escaped.
void write_string(std::string& out, std::string_view text);

}  // namespace cpis::fhir::json
