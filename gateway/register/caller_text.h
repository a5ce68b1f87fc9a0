#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/caller.h"

namespace cpis::registry {

/// A caller as one text column: its members in the order of the struct, separated by U+001F.
/// `from_text(to_text(c)) == c` for every caller without control characters; those become spaces.
std::string to_text(const Caller& caller);
std::optional<Caller> from_text(std::string_view text);

}  // namespace cpis::registry
