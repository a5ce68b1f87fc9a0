#pragma once

#include <memory>
#include <string>

#include "adapters/core/result.h"
#include "gateway/store/database.h"
#include "gateway/store/open.h"

namespace cpis::store {

/// The embedded default. One file, one process:
///
///  - WAL with synchronous=FULL: a commit that returned is on the disk;
///  - one writing connection, read connections on snapshots, a checkpoint thread; above
///    `log_bytes_max` the writer empties the log itself, so it cannot grow without end;
///  - `<path>.lock` keeps a second gateway out; the file is readable by its owner only;
///  - a failed flush or a damaged page stops the store: after it, no later success could be
///    believed. A full disk does not: writes fail until there is room.
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options);

}  // namespace cpis::store
