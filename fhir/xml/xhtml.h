#pragma once

#include <string>
#include <string_view>

#include "fhir/xml/sax.h"

namespace cpis::fhir::xml {

/// Appends the start tag as XHTML without prefix; the XHTML namespace is declared when `root`.
void append_start(std::string& out, const StartTag& tag, bool root);
/// Appends text or an attribute's value with what XML needs escaped. Line feeds, tabs and returns
/// become character references in an attribute, where a reader would take them for blanks.
void append_escaped(std::string& out, std::string_view text, bool attribute);

/// The XHTML of a narrative as something that can stand in an XML document: well-formed, one `div`,
/// in the XHTML namespace (declared when it is missing). Empty when it cannot.
std::string embeddable(std::string_view xhtml);

}  // namespace cpis::fhir::xml
