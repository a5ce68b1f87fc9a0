#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::store {

/// Takes `count` numbers of a durable sequence and gives the first; sequences start at 1. A number
/// that was committed is never given again; a work that failed or ran twice may leave a gap.
Result<std::int64_t> take_numbers(Session& session, std::string_view sequence,
                                  std::int64_t count = 1);

/// Takes or prolongs a lease. While a gateway holds it no other can take it; when it is not
/// prolonged in time, another may. Gives the fence, a number that grows with each change of holder
/// (a late write of the old holder can be told by it), or nothing while another holds it.
Result<std::optional<std::int64_t>> take_lease(Session& session, std::string_view name,
                                               std::string_view holder, Time now, Duration length);
/// For what a holder decided: it becomes durable only if nobody else has had the lease since this
/// fence was given, and nobody gets it before this work is committed. Prolongs the lease: always,
/// or when less than half of `length` is left. Only `always` is certain between nodes of a Galera
/// cluster, which compare what was written. `unavailable` when the lease is another's now.
enum class Prolong { always, when_half_over };
Status hold_lease(Session& session, std::string_view name, std::string_view holder,
                  std::int64_t fence, Time now, Duration length, Prolong prolong);
/// Whether `take_lease` would give it; asked without waiting for whoever holds it.
Result<bool> may_take_lease(Session& session, std::string_view name, std::string_view holder,
                            Time now);
/// `take_lease` as a work of its own, and not even asked for while another holds it: asking waits
/// for the transaction of whoever prolongs it. Blocks; not from inside a work.
Result<std::optional<std::int64_t>> ask_for_lease(Database& database, std::string_view name,
                                                  std::string_view holder, Time now,
                                                  Duration length);
/// Gives a lease back early; nothing happens when it is not held.
Status return_lease(Session& session, std::string_view name, std::string_view holder);

}  // namespace cpis::store
