#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/core/result.h"
#include "gateway/store/sha256.h"
#include "gateway/store/value.h"

namespace cpis::store {

/// Called for each row; an error ends the query and becomes its result.
using RowReader = std::function<Status(const Row&)>;

/// The last row of an audit chain.
struct ChainTail {
  std::int64_t chain = 0;
  std::int64_t seq = 0;  ///< 0: the chain has no row yet
  Sha256 hash{};         ///< zeros before the first row
};

/// One transaction on one connection, lent to a piece of work. Not to be kept, not to be shared
/// between threads.
///
/// SQL is written once for both engines: standard SQL, `?` for parameters, and the few dialect
/// tokens listed in gateway/store/dialect.h. Statements are prepared once per connection and found
/// again by their text, so texts should be constants; values always go in as parameters.
class Session {
 public:
  virtual ~Session() = default;

  /// Runs a statement that changes rows; gives how many. Portable counts: INSERT, DELETE,
  /// `{on_conflict_ignore}` (0 when the row was there), and an UPDATE that changes what it matches
  /// (MariaDB does not count a row that already had the values). Not portable: `{upsert}`.
  ///
  /// A broken unique or foreign key is `conflict`. The message has the engine's number and never a
  /// value.
  virtual Result<std::int64_t> execute(std::string_view sql, std::span<const Value> params) = 0;

  /// Reads rows in order. Bound the result with LIMIT: MariaDB sends all of it to memory first.
  /// The reader must not use the session.
  virtual Status query(std::string_view sql, std::span<const Value> params,
                       const RowReader& reader) = 0;

  Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> params = {}) {
    return execute(sql, std::span{params.begin(), params.size()});
  }
  Status query(std::string_view sql, std::initializer_list<Value> params, const RowReader& reader) {
    return query(sql, std::span{params.begin(), params.size()}, reader);
  }

  /// Where this transaction left an audit chain, so that its next row needs no look-up; nothing
  /// when it did not come by yet, or when a part of it was rolled back. For AuditStore.
  const std::optional<ChainTail>& chain_tail() const { return chain_tail_; }
  void remember(const ChainTail& tail) { chain_tail_ = tail; }

 protected:
  void forget_chain_tail() { chain_tail_.reset(); }

 private:
  std::optional<ChainTail> chain_tail_;
};

/// Work on the store. It may run several times (a batch is repeated when one of its works failed,
/// when the engine chose it as a deadlock's victim, or when the connection broke with the outcome
/// of the commit unknown), so:
///  - it changes nothing outside the session except results that it overwrites on each run;
///  - running it again after it was committed must be harmless: keys are given by the caller.
/// An error rolls back what this work did, and only that.
using Work = std::function<Status(Session&)>;

/// Told once, when the work is durable or has failed. Runs on the writer thread: hand over and
/// return, never call `write` or `read` here. An exception out of it is a bug; it is counted.
using Done = std::function<void(Status)>;

/// Calls what it is given, once. Runs on the thread that tells who waited.
using Around = std::function<void(const std::function<void()>& tell)>;

/// Whether somebody waits for the commit of a work. `later` is for what goes on behind somebody's
/// back: it waits a few milliseconds (OpenOptions::later_time_max) for a work with `now` whose
/// commit it can share, so that a lone message is not several flushes, one after another.
enum class Urgency { now, later };

/// What the store has been doing, for the metrics page. Counters run from the start.
struct DatabaseMetrics {
  std::size_t queue_depth = 0;
  std::uint64_t batches = 0;
  std::uint64_t works = 0;          ///< committed
  std::uint64_t works_failed = 0;   ///< rolled back, alone or with their batch
  std::uint64_t works_refused = 0;  ///< not accepted: the queue was full
  std::uint64_t rows_changed = 0;   ///< in committed batches
  std::uint64_t batches_repeated = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t callback_faults = 0;
  std::chrono::microseconds last_batch{};   ///< begin to commit
  std::chrono::microseconds last_commit{};  ///< the commit alone, with its flush to disk
  std::uint64_t log_bytes = 0;              ///< SQLite: size of the write-ahead log
  bool failed = false;  ///< the disk failed under us; everything is refused until a restart
};

/// The durable store: one writer that commits in groups, and reads on snapshots beside it.
///
/// All functions may be called from any thread. Two engines: `open_database` in open.h.
class Database {
 public:
  virtual ~Database() = default;

  /// Queues work for the writer. Everything that is waiting goes into one transaction; `done` is
  /// called after the durable commit, in the order of submission. There is no linger: a lone
  /// work is committed at once, unless it is for later. When the commit fails each `done` of the
  /// batch gets the error and nothing of it is kept.
  ///
  /// False when the queue is at its limit or the store is closing: nothing was queued and `done`
  /// will not be called. Answer `busy`.
  [[nodiscard]] virtual bool submit(Work work, Done done, Urgency urgency) = 0;
  [[nodiscard]] bool submit(Work work, Done done) {
    return submit(std::move(work), std::move(done), Urgency::now);
  }

  /// `submit` and wait. Busy when the queue is full. Not from inside `done` or a `Work`.
  virtual Status write(Work work, Urgency urgency) = 0;
  Status write(Work work) { return write(std::move(work), Urgency::now); }

  /// Runs work on a read connection: it sees one committed state, is not held up by the writer,
  /// and cannot change anything. Waits a bounded time for a free connection, then `busy`.
  virtual Status read(const Work& work) = 0;

  /// All `done` calls of a batch are made inside one call of `around`, for example to wake each
  /// event loop once for all of them. Set it before the first submit.
  virtual void around_answers(Around around) = 0;

  /// Whether no other process can write to this store while it is open here.
  virtual bool is_exclusive() const { return false; }

  virtual DatabaseMetrics metrics() const = 0;

  /// Copies the store, while it is in use, to a new file (SQLite; `unsupported` on MariaDB, which
  /// has its own tools). Refuses to overwrite. The copy is complete and closed when this returns.
  virtual Status backup(const std::string& path) = 0;

  /// Reads the whole store and checks its structure; for `doctor`, not for every start.
  virtual Status check_integrity() = 0;

  /// Commits what is queued, calls its `done`s, then stops. Later submits are refused. Safe to
  /// call twice; the destructor calls it.
  virtual void close() = 0;
};

}  // namespace cpis::store
