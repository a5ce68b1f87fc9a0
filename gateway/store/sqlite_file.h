#pragma once

#include <string>

#include "adapters/core/result.h"
#include "gateway/store/sqlite_connection.h"

namespace cpis::store {

enum class FileMode { new_or_existing, only_new };

/// Makes sure the file is there. The store holds personal data: a new file, and the log that SQLite
/// makes with the same rights, are for their owner only. `conflict` when it had to be new and is
/// not.
Status make_private_file(const std::string& path, FileMode mode);

/// The name of a file is only safe once its folder is on the disk too: flushes that of `path`.
Status flush_folder_of(const std::string& path);

/// `conflict` for a SQLite file of another program; an empty one is marked as ours.
Status check_identity(SqliteConnection& connection, const std::string& path);

/// Runs a checking pragma (`PRAGMA quick_check(1)`); `unavailable` when it does not say ok.
Status check_structure(SqliteConnection& connection, const std::string& pragma);

}  // namespace cpis::store
