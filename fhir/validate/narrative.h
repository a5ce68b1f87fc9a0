#pragma once

#include <cstddef>
#include <string_view>

namespace cpis::fhir {

inline constexpr std::size_t narrative_depth_max = 128;

/// What the markup of a narrative breaks, each as a phrase for a finding; null when nothing.
struct NarrativeFaults {
  const char* markup = nullptr;   ///< not well-formed, no `div`, namespace, a forbidden entity
  const char* content = nullptr;  ///< txt-1: an element or attribute that is not allowed
  const char* empty = nullptr;    ///< txt-2: no text and no image
};

/// Checks a `div` in one pass without building anything (FHIR R4 2.4, txt-1, txt-2): only the basic
/// formatting of XHTML, no scripts, forms, events or references to style.
NarrativeFaults check_narrative(std::string_view xhtml);

}  // namespace cpis::fhir
