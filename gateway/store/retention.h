#pragma once

#include <cstddef>
#include <cstdint>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::store {

/// How long settled messages are kept. The audit trail and the versions of resources are not purged
/// here: they are the record.
struct RetentionSettings {
  Duration inbox = std::chrono::hours{24 * 90};         ///< at least the duplicate window
  Duration outbox = std::chrono::hours{24 * 90};        ///< delivered items
  Duration quarantined = std::chrono::hours{24 * 365};  ///< messages that were put aside
  std::size_t rows_max = 500;  ///< in one work, so that messages arriving never wait long for it
};

struct Purged {
  std::int64_t inbox = 0;
  std::int64_t outbox = 0;
  std::int64_t quarantined = 0;
};

/// Deletes what is past its time, in works of `rows_max` rows, until nothing is left or `works_max`
/// works were done. Open and dead rows stay, however old.
Result<Purged> purge_expired(Database& database, const RetentionSettings& settings, Time now,
                             int works_max = 1000);

}  // namespace cpis::store
