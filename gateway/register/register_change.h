#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::registry {

/// Where in a council's uploads a transaction stands. They are taken one after the other.
struct ChangePosition {
  std::int64_t sequence = 0;
  std::int64_t part = -1;

  friend auto operator<=>(const ChangePosition&, const ChangePosition&) = default;
};

/// Whose plans one transaction of an upload changed, as other processes on the store learn it.
struct RegisterChange {
  struct Item {
    NhsNumber person;
    bool removed = false;
    std::string plan_id = {};  ///< of a removed plan; empty: it was not there
  };
  std::string council;
  ChangePosition position;
  std::vector<Item> items;
};

// SQL, one function a statement. Everything runs inside a work or a read.

/// Once: a second time nothing changes. `told`: subscribers know already.
Status note_change(store::Session& session, const RegisterChange& change, bool told, Time now);
/// The oldest changes that subscribers were not told of, at most `max`.
Result<std::vector<RegisterChange>> untold_changes(store::Session& session, std::size_t max);
/// `conflict` when another process did so.
Status mark_told(store::Session& session, const RegisterChange& change);
/// The last change of each council.
Result<std::map<std::string, ChangePosition>> last_changes(store::Session& session);
/// The last part that was noted of an upload; -1 when none was.
Result<std::int64_t> last_part(store::Session& session, std::string_view council,
                               std::int64_t sequence);
/// The changes of a council behind a position, in order, at most `max`.
Result<std::vector<RegisterChange>> changes_behind(store::Session& session,
                                                   std::string_view council,
                                                   const ChangePosition& position, std::size_t max);
/// Deletes up to `max` told changes from before `before`; gives how many.
Result<std::int64_t> purge_changes(store::Session& session, Time before, std::size_t max);

}  // namespace cpis::registry
