#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis::store {

/// For statements that must change exactly one row: `otherwise` when they changed none.
inline Status one_row(const Result<std::int64_t>& changed, ErrorKind otherwise,
                      std::string_view why) {
  if (!changed) return changed.error();
  if (*changed == 0) return Error{otherwise, std::string{why}};
  return done;
}

/// For statements whose count does not matter.
inline Status any_rows(const Result<std::int64_t>& changed) {
  if (!changed) return changed.error();
  return done;
}

}  // namespace cpis::store
