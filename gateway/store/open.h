#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/store/database.h"

namespace cpis::store {

struct OpenOptions {
  /// Works waiting for the writer before `submit` refuses.
  std::size_t queue_max = 16384;
  /// Works in one transaction.
  std::size_t batch_max = 1024;
  /// How long a work for later waits for one whose commit it can share.
  std::chrono::milliseconds later_time_max{10};
  std::size_t read_connections_max = 4;
  std::chrono::milliseconds read_wait_max{2000};

  /// SQLite: open beside a running gateway, for reading. Takes no lock, migrates nothing; `submit`
  /// and `write` are refused.
  bool read_only = false;
  /// SQLite: largest size of the file in pages of 4096 bytes; 0 is the engine's own limit.
  /// At the limit every write fails with `unavailable` and nothing is lost.
  std::uint32_t pages_max = 0;
  /// SQLite: above this the writer itself starts the write-ahead log anew; the file keeps about
  /// this size.
  std::uint64_t log_bytes_max = std::uint64_t{64} * 1024 * 1024;

  /// MariaDB: how long one statement may take before the connection is given up.
  std::chrono::seconds statement_time_max{5};
  /// MariaDB: how long the writer looks for a server before it fails a batch.
  std::chrono::seconds reconnect_time_max{10};
};

/// The file of a store that is SQLite; nothing for another.
std::optional<std::string> sqlite_file(std::string_view url);
/// The journal of arrivals that belongs to such a file.
inline std::string journal_of(const std::string& sqlite_file) { return sqlite_file + ".arrivals"; }

/// Opens the store and brings its schema up to date.
///
/// `url` is `sqlite:<path>`, a plain path (SQLite, the file is made when missing; its folder must
/// exist), or `mysql://user:password@host:port,host2:port2/database?ssl-ca=...` (mysql_url.h).
///
/// Refused with a sentence for the operator: another gateway has the file open; the file is not a
/// database or is damaged; the schema is newer than this program; no server answers.
Result<std::unique_ptr<Database>> open_database(std::string_view url,
                                                const OpenOptions& options = {});

}  // namespace cpis::store
