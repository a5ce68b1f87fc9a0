#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "gateway/store/sqlite_connection.h"

namespace cpis::store {

/// Moves the write-ahead log into the database file beside the writer, on a connection and thread
/// of its own, so that no commit has to wait for it.
class SqliteCheckpointer {
 public:
  explicit SqliteCheckpointer(std::unique_ptr<SqliteConnection> connection);
  ~SqliteCheckpointer();
  SqliteCheckpointer(const SqliteCheckpointer&) = delete;
  SqliteCheckpointer& operator=(const SqliteCheckpointer&) = delete;

  /// Asks for a passive checkpoint; returns at once.
  void ask();
  /// True when a checkpoint met a disk failure.
  bool broken() const { return broken_; }
  std::uint64_t checkpoints() const { return checkpoints_; }
  void close();

 private:
  void run();

  std::unique_ptr<SqliteConnection> connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false;    // guarded by mutex_
  bool closing_ = false;  // guarded by mutex_
  std::atomic<bool> broken_{false};
  std::atomic<std::uint64_t> checkpoints_{0};
  std::thread thread_;
};

}  // namespace cpis::store
