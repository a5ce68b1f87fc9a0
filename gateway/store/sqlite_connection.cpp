#include "gateway/store/sqlite_connection.h"

#include <algorithm>
#include <utility>

#include "gateway/store/sqlite_log_writes.h"

namespace cpis::store {
namespace {

// Texts are constants of the program, so the cache only overflows by a bug; then it starts anew.
constexpr std::size_t statements_max = 512;
// The lock file keeps other writers out, so only a checkpoint ever waits, for a reader to end.
constexpr int busy_wait_ms = 100;

class StatementRow final : public Row {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_{statement} {}
  bool is_null(std::size_t column) const override {
    return sqlite3_column_type(statement_, static_cast<int>(column)) == SQLITE_NULL;
  }
  std::int64_t integer(std::size_t column) const override {
    return sqlite3_column_int64(statement_, static_cast<int>(column));
  }
  std::string_view text(std::size_t column) const override {
    const int index = static_cast<int>(column);
    const void* bytes = sqlite3_column_blob(statement_, index);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
  }

 private:
  sqlite3_stmt* statement_;
};

ErrorKind kind_of(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ErrorKind::conflict;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::busy;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::unavailable;
    case SQLITE_TOOBIG:
      return ErrorKind::bad_input;
    case SQLITE_READONLY:
      return ErrorKind::forbidden;
    default:
      return ErrorKind::fault;
  }
}

int bind_bytes(sqlite3_stmt* statement, int index, const Value& value) {
  // A null pointer would bind NULL; empty text is not null.
  const std::string_view bytes = value.bytes();
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  if (value.type() == Value::Type::blob) {
    return sqlite3_bind_blob64(statement, index, data, bytes.size(), SQLITE_STATIC);
  }
  return sqlite3_bind_text64(statement, index, data, bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int bind_one(sqlite3_stmt* statement, int index, const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      return sqlite3_bind_null(statement, index);
    case Value::Type::integer:
      return sqlite3_bind_int64(statement, index, value.integer());
    case Value::Type::text:
    case Value::Type::blob:
      break;
  }
  return bind_bytes(statement, index, value);
}

int note_log_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<std::uint64_t*>(pages) = static_cast<std::uint64_t>(count);
  return SQLITE_OK;
}

// Marks that a reader runs, also while an exception leaves it.
class Reading {
 public:
  explicit Reading(bool& flag) : flag_{flag} { flag_ = true; }
  ~Reading() { flag_ = false; }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  bool& flag_;
};

// The bound views end with the call, so no statement may keep one.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_{statement} {}
  ~Reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

Error sqlite_error(int code, std::string_view doing) {
  return {kind_of(code), std::string{doing} + ": SQLite error " + std::to_string(code) + ", " +
                             sqlite3_errstr(code)};
}

Trouble sqlite_trouble(int code) {
  switch (code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Trouble::broken;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_BUSY:
    case SQLITE_INTERRUPT:
      return Trouble::aborted;
    default:
      return Trouble::none;
  }
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 Mode mode) {
  const int access = mode == Mode::create  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                     : mode == Mode::write ? SQLITE_OPEN_READWRITE
                                           : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const char* const files = mode == Mode::read ? nullptr : SqliteLogWrites::of_the_system();
  const int code = sqlite3_open_v2(path.c_str(), &raw,
                                   access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, files);
  auto connection = std::make_unique<SqliteConnection>(raw);
  if (code != SQLITE_OK) return sqlite_error(code, "opening the store's file");
  sqlite3_busy_timeout(raw, busy_wait_ms);
  return connection;
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql,
                                               std::span<const Value> params) {
  const auto statement = prepare(sql);
  if (!statement) return statement.error();
  if (sqlite3_stmt_readonly(*statement) != 0) {
    return Error{ErrorKind::fault, "execute was given a statement that only reads"};
  }
  const Reset reset{*statement};
  if (const Status bound = bind(*statement, params); !bound) return bound.error();
  const int code = sqlite3_step(*statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW) return failure(code);
  return static_cast<std::int64_t>(sqlite3_changes64(handle_.get()));
}

Status SqliteConnection::query(std::string_view sql, std::span<const Value> params,
                               const RowReader& reader) {
  const auto statement = prepare(sql);
  if (!statement) return statement.error();
  const Reset reset{*statement};
  if (const Status bound = bind(*statement, params); !bound) return bound;
  return read_rows(*statement, reader);
}

Status SqliteConnection::read_rows(sqlite3_stmt* statement, const RowReader& reader) {
  const StatementRow row{statement};
  while (true) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return done;
    if (code != SQLITE_ROW) return failure(code);
    const Reading mark{reading_};
    if (Status read = reader(row); !read) return read;
  }
}

Result<sqlite3_stmt*> SqliteConnection::prepare(std::string_view sql) {
  if (reading_) return Error{ErrorKind::fault, "a row reader used its session"};
  if (const auto known = statements_.find(sql); known != statements_.end()) {
    return known->second.get();
  }
  const auto resolved = resolve(Dialect::sqlite, sql);
  if (!resolved) return resolved.error();
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_.get(), resolved->data(), static_cast<int>(resolved->size()),
                         SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement statement{raw};
  if (code != SQLITE_OK) {
    // The text is ours and holds no data, so SQLite's complaint about it may be shown.
    Error error = failure(code);
    error.message += std::string{" ("} + sqlite3_errmsg(handle_.get()) + ")";
    return error;
  }
  if (raw == nullptr) return Error{ErrorKind::fault, "an empty SQL statement"};
  if (statements_.size() >= statements_max) statements_.clear();
  return statements_.emplace(std::string{sql}, std::move(statement)).first->second.get();
}

Status SqliteConnection::bind(sqlite3_stmt* statement, std::span<const Value> params) {
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != params.size()) {
    return Error{ErrorKind::fault, "the statement takes another number of parameters"};
  }
  int index = 0;
  for (const Value& value : params) {
    const int code = bind_one(statement, ++index, value);
    if (code != SQLITE_OK) return failure(code);
  }
  return done;
}

Status SqliteConnection::control(std::string_view sql) {
  const auto statement = prepare(sql);
  if (!statement) return statement.error();
  const Reset reset{*statement};
  const int code = sqlite3_step(*statement);
  if (code != SQLITE_DONE) return failure(code);
  return done;
}

Error SqliteConnection::failure(int code) {
  trouble_ = std::max(trouble_, sqlite_trouble(code));
  return sqlite_error(code, "store");
}

Status SqliteConnection::begin_write() {
  trouble_ = Trouble::none;
  forget_chain_tail();
  changes_at_begin_ = sqlite3_total_changes64(handle_.get());
  return control("BEGIN IMMEDIATE");
}

Status SqliteConnection::begin_read() {
  trouble_ = Trouble::none;
  forget_chain_tail();
  return control("BEGIN");
}

Status SqliteConnection::commit() { return control("COMMIT"); }

void SqliteConnection::rollback() {
  if (sqlite3_get_autocommit(handle_.get()) != 0) return;
  if (!control("ROLLBACK")) trouble_ = std::max(trouble_, Trouble::lost);
}

Status SqliteConnection::set_savepoint() { return control("SAVEPOINT work"); }
Status SqliteConnection::release_savepoint() { return control("RELEASE work"); }

Status SqliteConnection::rollback_to_savepoint() {
  forget_chain_tail();
  if (Status back = control("ROLLBACK TO work"); !back) return back;
  return release_savepoint();
}

std::uint64_t SqliteConnection::rows_changed() const {
  return static_cast<std::uint64_t>(sqlite3_total_changes64(handle_.get()) - changes_at_begin_);
}

void SqliteConnection::watch_log() { sqlite3_wal_hook(handle_.get(), note_log_pages, &log_pages_); }

Status SqliteConnection::run_script(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return done;
  Error error = failure(code);
  error.message += std::string{" ("} + sqlite3_errmsg(handle_.get()) + ")";
  return error;
}

Result<std::int64_t> SqliteConnection::ask_integer(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql, -1, &raw, nullptr);
  const Statement statement{raw};
  if (code != SQLITE_OK) return failure(code);
  const int step = sqlite3_step(raw);
  if (step == SQLITE_DONE) return std::int64_t{0};
  if (step != SQLITE_ROW) return failure(step);
  return static_cast<std::int64_t>(sqlite3_column_int64(raw, 0));
}

}  // namespace cpis::store
