#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/core/result.h"
#include "gateway/store/database.h"
#include "gateway/store/dialect.h"

namespace cpis::store {

/// What a failed statement means for the transaction and connection it ran on.
enum class Trouble {
  none,     ///< only the statement failed
  aborted,  ///< the transaction is gone or cannot be completed: its batch fails
  repeat,   ///< the engine chose us as a deadlock's victim: repeat the batch
  lost,     ///< the connection is dead; the outcome of a commit is unknown: reconnect and repeat
  broken,   ///< disk or file cannot be trusted any more: refuse everything until a restart
};

/// One connection of an engine: a session with its transaction under control of the writer or the
/// reader that owns it. Not thread safe; may move between threads while idle.
class Connection : public Session {
 public:
  virtual Dialect dialect() const = 0;

  virtual Status begin_write() = 0;
  virtual Status begin_read() = 0;
  virtual Status commit() = 0;
  virtual void rollback() = 0;

  /// One nested point at a time.
  virtual Status set_savepoint() = 0;
  virtual Status release_savepoint() = 0;
  virtual Status rollback_to_savepoint() = 0;

  /// The worst trouble since the transaction began.
  virtual Trouble trouble() const = 0;
  /// Rows changed since the transaction began, counting those rolled back to a savepoint.
  virtual std::uint64_t rows_changed() const = 0;
};

/// An engine: makes connections and knows what only it can do.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<std::unique_ptr<Connection>> open_writer() = 0;
  virtual Result<std::unique_ptr<Connection>> open_reader() = 0;
  /// On the writer thread after each committed batch. Trouble `broken` ends the store's work.
  virtual Trouble after_commit(Connection& writer) = 0;
  /// Whether opening it kept every other writer out.
  virtual bool is_exclusive() const { return false; }
  virtual Status backup(const std::string& path) = 0;
  virtual Status check_integrity() = 0;
  /// Adds what only the engine knows.
  virtual void add_metrics(DatabaseMetrics& metrics) const = 0;
  /// After the last connection of writer and readers was closed.
  virtual void close() = 0;
};

}  // namespace cpis::store
