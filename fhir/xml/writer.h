#pragma once

#include <cstddef>
#include <string>

#include "fhir/issues.h"
#include "fhir/tree/element.h"
#include "fhir/tree/schema.h"

namespace cpis::fhir::xml {

/// Deeper trees are a bug of whoever built them: std::length_error.
inline constexpr std::size_t write_depth_max = 1000;

struct WriteOptions {
  bool pretty = false;  ///< two spaces of indentation, line feeds
  /// Puts the elements into the order that XML needs. Without it they stay as they are, which is
  /// right for a tree that came from XML or was built in order.
  const Schema* schema = nullptr;
};

/// Writes the element as FHIR XML in UTF-8, without an XML declaration. What XML cannot say is
/// reported and left out: control characters that XML 1.0 forbids, a narrative that is no
/// well-formed XHTML, an extension on an `id` or `url` that XML writes as an attribute.
std::string write(const Element& element, Issues& issues, const WriteOptions& options = {});

}  // namespace cpis::fhir::xml
