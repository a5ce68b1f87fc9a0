#pragma once

#include <cstddef>
#include <vector>

#include "adapters/core/access.h"

namespace cpis::rules {

/// CP-IS lists this many looks, the most recent ones (cpis.md 2, 8.2).
inline constexpr std::size_t accesses_listed_max = 25;
/// The same author within this time is listed once, by the first of the looks.
inline constexpr std::chrono::hours same_author_window{24};

/// True when both looks are by the same author: the same person or system of the same organisation.
bool same_author(const Caller& a, const Caller& b);

/// What a query answer lists, from all looks at one person in any order: most recent first, at
/// most `accesses_listed_max`, a later look by the same author within 24 hours of the one that was
/// listed left out.
std::vector<AccessEvent> listed(std::vector<AccessEvent> all);

}  // namespace cpis::rules
