#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/issues.h"

namespace cpis::fhir::path {

/// Applies a JSON Patch (RFC 6902, paths by RFC 6901) to JSON text and returns the new text: add,
/// remove, replace, move, copy and test, all or nothing. None when anything fails; `issues` then
/// has one error whose path is the operation: `patch[2]`. Literals and the order of members stay as
/// they were. At most 1000 operations. FHIR R4 3.1.0.9: to patch a resource, write it, patch it,
/// read it strictly and validate it.
std::optional<std::string> apply_json_patch(std::string_view document, std::string_view patch,
                                            Issues& issues);

}  // namespace cpis::fhir::path
