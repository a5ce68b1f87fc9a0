#include "gateway/store/sqlite_engine.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "gateway/store/engine_database.h"
#include "gateway/store/migrate.h"
#include "gateway/store/sqlite_backup.h"
#include "gateway/store/sqlite_checkpointer.h"
#include "gateway/store/sqlite_connection.h"
#include "gateway/store/sqlite_file.h"
#include "gateway/store/store_lock.h"

namespace cpis::store {
namespace {

constexpr std::uint64_t page_bytes = 4096;
// The log is copied into the file each time it has grown by this much. Each time costs a flush of
// the file, which the writer's own flushes wait for, so not more often.
constexpr std::uint64_t checkpoint_pages = 4000;
// A file this small is checked whole at each start; it takes some ten milliseconds.
constexpr std::int64_t quick_check_pages_max = 8192;

constexpr const char* writer_setup =
    "PRAGMA page_size=4096;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA trusted_schema=OFF;"
    "PRAGMA cell_size_check=ON;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-65536;"
    "PRAGMA mmap_size=268435456;";
constexpr const char* reader_setup =
    "PRAGMA query_only=ON;"
    "PRAGMA trusted_schema=OFF;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-8192;"
    "PRAGMA mmap_size=268435456;";

Status check_small_file(SqliteConnection& connection) {
  const auto pages = connection.ask_integer("PRAGMA page_count");
  if (!pages) return pages.error();
  if (*pages > quick_check_pages_max) return done;
  return check_structure(connection, "PRAGMA quick_check(1)");
}

class SqliteEngine final : public Engine {
 public:
  SqliteEngine(std::string path, const OpenOptions& options, std::optional<StoreLock> lock)
      : path_{std::move(path)}, options_{options}, lock_{std::move(lock)} {}

  Result<std::unique_ptr<Connection>> open_writer() override;
  Result<std::unique_ptr<Connection>> open_reader() override;
  Trouble after_commit(Connection& writer) override;
  bool is_exclusive() const override { return lock_.has_value(); }
  Status backup(const std::string& path) override;
  Status check_integrity() override;
  void add_metrics(DatabaseMetrics& metrics) const override;
  void close() override;

  Status start_checkpointer();

 private:
  Result<std::unique_ptr<SqliteConnection>> open_for_reading();
  Trouble empty_log(SqliteConnection& writer);

  const std::string path_;
  const OpenOptions options_;
  std::optional<StoreLock> lock_;
  std::unique_ptr<SqliteCheckpointer> checkpointer_;
  std::atomic<std::uint64_t> log_bytes_{0};
  std::uint64_t truncate_above_ = options_.log_bytes_max;  // writer thread only
  std::uint64_t asked_at_ = 0;                             // likewise; in pages
};

Result<std::unique_ptr<Connection>> SqliteEngine::open_writer() {
  auto opened = SqliteConnection::open(path_, SqliteConnection::Mode::create);
  if (!opened) return opened.error();
  SqliteConnection& connection = **opened;
  if (const Status ours = check_identity(connection, path_); !ours) return ours.error();
  if (const Status set = connection.run_script(writer_setup); !set) return set.error();
  connection.watch_log();
  if (options_.pages_max != 0) {
    const std::string limit = "PRAGMA max_page_count=" + std::to_string(options_.pages_max);
    if (const Status set = connection.run_script(limit.c_str()); !set) return set.error();
  }
  return std::unique_ptr<Connection>{*std::move(opened)};
}

Result<std::unique_ptr<SqliteConnection>> SqliteEngine::open_for_reading() {
  auto opened = SqliteConnection::open(path_, SqliteConnection::Mode::read);
  if (!opened) return opened;
  if (const Status set = (*opened)->run_script(reader_setup); !set) return set.error();
  return opened;
}

Result<std::unique_ptr<Connection>> SqliteEngine::open_reader() {
  auto opened = open_for_reading();
  if (!opened) return opened.error();
  return std::unique_ptr<Connection>{*std::move(opened)};
}

Status SqliteEngine::start_checkpointer() {
  auto opened = SqliteConnection::open(path_, SqliteConnection::Mode::write);
  if (!opened) return opened.error();
  if (const Status set = (*opened)->run_script(writer_setup); !set) return set;
  checkpointer_ = std::make_unique<SqliteCheckpointer>(*std::move(opened));
  return done;
}

Trouble SqliteEngine::after_commit(Connection& writer) {
  auto& connection = static_cast<SqliteConnection&>(writer);
  const std::uint64_t pages = connection.log_pages();
  log_bytes_ = pages * page_bytes;
  if (checkpointer_->broken()) return Trouble::broken;
  if (log_bytes_ > truncate_above_) return empty_log(connection);
  if (pages < asked_at_) asked_at_ = 0;  // the log was started anew
  if (pages >= asked_at_ + checkpoint_pages) {
    asked_at_ = pages;
    checkpointer_->ask();
  }
  return Trouble::none;
}

// Starts the log anew in the file it has: writing over blocks that exist is flushed faster than
// growing a file. A reader (a backup, say) can stand in the way; then the log grows by another
// quarter before the writer waits for it again.
Trouble SqliteEngine::empty_log(SqliteConnection& writer) {
  const int code = sqlite3_wal_checkpoint_v2(writer.handle(), nullptr, SQLITE_CHECKPOINT_RESTART,
                                             nullptr, nullptr);
  truncate_above_ =
      code == SQLITE_OK ? options_.log_bytes_max : log_bytes_ + options_.log_bytes_max / 4;
  return sqlite_trouble(code) == Trouble::broken ? Trouble::broken : Trouble::none;
}

Status SqliteEngine::backup(const std::string& path) {
  auto from = open_for_reading();
  if (!from) return from.error();
  return copy_store(**from, path);
}

Status SqliteEngine::check_integrity() {
  auto reader = open_for_reading();
  if (!reader) return reader.error();
  return check_structure(**reader, "PRAGMA integrity_check(1)");
}

void SqliteEngine::add_metrics(DatabaseMetrics& metrics) const {
  metrics.log_bytes = log_bytes_;
  if (checkpointer_ && checkpointer_->broken()) metrics.failed = true;
}

void SqliteEngine::close() {
  if (checkpointer_) checkpointer_->close();
  lock_.reset();
}

Result<std::unique_ptr<Database>> open_beside(const std::string& path, const OpenOptions& options) {
  auto engine = std::make_unique<SqliteEngine>(path, options, std::nullopt);
  auto reader = engine->open_reader();
  if (!reader) return reader.error();
  if (const Status current = check_schema(**reader); !current) return current.error();
  return std::unique_ptr<Database>{
      std::make_unique<EngineDatabase>(std::move(engine), nullptr, options)};
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options) {
  static std::once_flag configured;
  // Before SQLite's first use: counting every allocation would take one lock for all threads.
  std::call_once(configured, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
  if (options.read_only) return open_beside(path, options);
  auto lock = StoreLock::take(path);
  if (!lock) return lock.error();
  if (const Status made = make_private_file(path, FileMode::new_or_existing); !made)
    return made.error();
  auto engine = std::make_unique<SqliteEngine>(path, options, *std::move(lock));
  auto writer = engine->open_writer();
  if (!writer) return writer.error();
  auto& connection = static_cast<SqliteConnection&>(**writer);
  if (const Status sound = check_small_file(connection); !sound) return sound.error();
  if (const Status migrated = migrate(connection); !migrated) return migrated.error();
  if (const Status started = engine->start_checkpointer(); !started) return started.error();
  return std::unique_ptr<Database>{
      std::make_unique<EngineDatabase>(std::move(engine), *std::move(writer), options)};
}

}  // namespace cpis::store
