#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/tree/element.h"

namespace cpis::conformance {

/// Evaluates the `path` of a TestScript, which may be XPath or JSONPath, on a tree whatever its
/// wire format was. XPath: steps with or without prefix, `//`, `*`, `@value` and other attributes,
/// predicates `[2]`, `[last()]`, `[path]`, `[path = 'x']`, `!=`, `contains()`, `starts-with()`,
/// joined by `and`, `or`; around all of it `count()`, `boolean()`, `not()`. JSONPath: `$`, `.name`,
/// `..name`, `['name']`, `[2]`, `[*]`, `[?(@.name=='x')]`. A relative XPath that begins with a
/// resource type other than the root's is looked for below the root.
///
/// Gives the values found, in document order; an element with children counts as an empty text.
/// None for a path that this does not understand.
std::optional<std::vector<std::string>> select_path(const fhir::Element& root,
                                                    std::string_view path);

}  // namespace cpis::conformance
