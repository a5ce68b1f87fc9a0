#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::store {

/// What may be used once: the ids (`jti`) of signed assertions, kept until they have expired, for
/// all gateways on one store. Holds a hash, no names.
class ReplayStore {
 public:
  /// Notes the use; `conflict` when `id` of this `owner` was used before. Durable with the caller's
  /// commit. `use` is a number of the caller's own for this call (a work may run twice).
  Status use_once(Session& session, std::string_view owner, std::string_view id,
                  std::string_view use, Time expires) const;
  /// Forgets what has expired; at most `rows_max`. Gives how many.
  Result<std::int64_t> purge(Session& session, Time now, std::int64_t rows_max = 10'000) const;
};

}  // namespace cpis::store
