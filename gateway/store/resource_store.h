#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::store {

struct StoredResource {
  std::string type;
  std::string id;
  std::int64_t version;
  Time updated_at;
  std::int64_t change_id;
  bool deleted;
  std::string body;  ///< empty when deleted
};

/// One change. Views; they need to live until the call returns.
struct ResourceChange {
  std::string_view type;
  std::string_view id;
  std::string_view body;
  Time at;
  /// From RowIds, asked for before the work is queued: a change that runs again is recognised by
  /// it.
  std::int64_t change_id;
  /// When set, `conflict` unless this is the current version (0: there is none, or it was deleted).
  std::optional<std::int64_t> if_version;
};

/// Resources with all their versions. The current ones also live in memory (a projection that is
/// loaded by `read_all` at start); this is what that memory is made from. All functions run inside
/// the caller's work.
class ResourceStore {
 public:
  /// Writes a new version; gives its number, from 1. A deleted resource may be written again.
  Result<std::int64_t> put(Session& session, const ResourceChange& change) const;
  /// Marks the resource deleted, as a version of its own; gives its number. `not_found` when there
  /// is none or it is deleted already.
  Result<std::int64_t> remove(Session& session, const ResourceChange& change) const;

  /// The current version, which may be a deleted one; nothing when there never was one.
  Result<std::optional<StoredResource>> read(Session& session, std::string_view type,
                                             std::string_view id) const;
  Result<std::optional<StoredResource>> read_version(Session& session, std::string_view type,
                                                     std::string_view id,
                                                     std::int64_t version) const;
  /// The versions below `before`, newest first.
  Result<std::vector<StoredResource>> history(Session& session, std::string_view type,
                                              std::string_view id, std::int64_t before,
                                              std::size_t max) const;

  /// All versions of a type whose change is before `before_change`, newest first, and not older
  /// than `since`.
  Result<std::vector<StoredResource>> type_history(Session& session, std::string_view type,
                                                   std::int64_t before_change, Time since,
                                                   std::size_t max) const;

  using Reader = std::function<Status(const StoredResource&)>;
  /// Each current, not deleted resource of a type, by id. Reads in pages.
  Status read_all(Session& session, std::string_view type, const Reader& reader) const;
  /// Current versions changed after `change_id`, oldest change first, without their bodies: how a
  /// gateway follows the others on its cluster.
  Status changed_since(Session& session, std::int64_t change_id, std::size_t max,
                       const Reader& reader) const;
};

}  // namespace cpis::store
