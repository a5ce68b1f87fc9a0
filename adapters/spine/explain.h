#pragma once

#include <string>
#include <string_view>

#include "adapters/core/finding.h"

namespace cpis::spine {

/// What a message says, for a person at a terminal.
struct Explanation {
  bool understood = false;
  std::string kind;   ///< one line: what it is
  std::string text;   ///< the rest, lines that end in a line feed
  Findings findings;  ///< what the reader had to say
};

/// True when these bytes may be one of ours: XML, a FHIR resource in JSON, or a multipart with a
/// boundary.
bool looks_like_spine(std::string_view bytes);

/// Explains any CP-IS payload, HL7 V3 interaction, SOAP envelope, ebXML message (multipart or not)
/// or ITK envelope, and what PDS and SDS answer. NHS numbers are masked; names and birth dates of
/// children are not shown; an old and a new NHS number are never shown together. No network, no
/// clock.
Explanation explain(std::string_view bytes);

}  // namespace cpis::spine
