#pragma once

#include <optional>
#include <string_view>

#include "adapters/spine/json.h"

namespace cpis::auth {

using spine::JsonDocument;
using spine::JsonView;

inline constexpr std::size_t json_depth_max = 12;

/// Reads one JSON object as tokens and key sets hold it. Nothing when it is not well-formed UTF-8
/// JSON, not an object, deeper than `json_depth_max`, or names a member twice anywhere: two readers
/// would see two different tokens.
std::optional<JsonDocument> read_strict_json(std::string_view text);

}  // namespace cpis::auth
