#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "adapters/core/finding.h"
#include "adapters/spine/xml_reader.h"
#include "adapters/spine/xml_tree.h"

namespace cpis::spine::detail {

/// Reads the plain XML that machines write: UTF-8, elements, attributes, namespaces, text, and the
/// five entities. Nothing at the first sign of anything else, whether it is wrong, over a limit or
/// only unusual (DOCTYPE, comment, CDATA, processing instruction, numbered characters, a carriage
/// return inside text): libxml2 then reads the document from its beginning and decides.
///
/// What it does read is the tree that libxml2 gives, element for element and line for line
/// (tests/adapters/spine/xml_tests.cpp, tests/fuzz/spine/fuzz_spine_xml.cpp), some times faster.
std::unique_ptr<XmlTree> read_plain_xml(std::string_view bytes, const XmlLimits& limits);

/// By libxml2, whatever the document is like.
std::optional<XmlDocument> parse_by_library(std::string_view bytes, Findings& findings,
                                            const XmlLimits& limits);

}  // namespace cpis::spine::detail
