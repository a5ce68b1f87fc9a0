#pragma once

#include <string>

#include "adapters/core/result.h"
#include "gateway/store/sqlite_connection.h"

namespace cpis::store {

/// Copies the state that `from` sees to a new file: one file without a log, readable by its owner
/// only, checked whole, on the disk. It has its name only once it is complete. `conflict` when the
/// name is taken.
Status copy_store(SqliteConnection& from, const std::string& path);

/// Makes a new store at `path` from a backup. The backup is checked first and stays as it is.
/// `conflict` when a store is there already (move it away first, it may still be needed) or another
/// gateway holds it; `unavailable` when the backup is damaged.
Status restore_backup(const std::string& backup, const std::string& path);

}  // namespace cpis::store
