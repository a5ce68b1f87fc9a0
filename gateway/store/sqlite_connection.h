#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/store/connection.h"

namespace cpis::store {

/// A connection through SQLite's C API, with its prepared statements.
class SqliteConnection final : public Connection {
 public:
  enum class Mode { create, write, read };

  /// Opens the file without threading locks (one thread at a time) and sets nothing else.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Mode mode);
  /// Takes over an open handle; use `open`.
  explicit SqliteConnection(sqlite3* handle) : handle_{handle} {}
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  using Session::execute;
  using Session::query;
  Result<std::int64_t> execute(std::string_view sql, std::span<const Value> params) override;
  Status query(std::string_view sql, std::span<const Value> params,
               const RowReader& reader) override;

  Dialect dialect() const override { return Dialect::sqlite; }
  Status begin_write() override;
  Status begin_read() override;
  Status commit() override;
  void rollback() override;
  Status set_savepoint() override;
  Status release_savepoint() override;
  Status rollback_to_savepoint() override;
  Trouble trouble() const override { return trouble_; }
  std::uint64_t rows_changed() const override;

  /// Runs constant SQL outside the statement cache: pragmas, schema.
  Status run_script(const char* sql);
  /// The first column of the first row, as an integer; 0 when there is none.
  Result<std::int64_t> ask_integer(const char* sql);

  sqlite3* handle() { return handle_.get(); }
  /// Counts `log_pages` from now on. After the pragmas: wal_autocheckpoint replaces the same hook.
  void watch_log();
  /// Pages in the write-ahead log after the last commit of this connection.
  std::uint64_t log_pages() const { return log_pages_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  Result<sqlite3_stmt*> prepare(std::string_view sql);
  Status bind(sqlite3_stmt* statement, std::span<const Value> params);
  Status read_rows(sqlite3_stmt* statement, const RowReader& reader);
  Status control(std::string_view sql);
  Error failure(int code);

  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
  Trouble trouble_ = Trouble::none;
  std::int64_t changes_at_begin_ = 0;
  std::uint64_t log_pages_ = 0;
  bool reading_ = false;
};

/// The error for a SQLite result code: kind, number and SQLite's own constant text, never a value.
Error sqlite_error(int code, std::string_view doing);

/// What the code means beyond the statement.
Trouble sqlite_trouble(int code);

}  // namespace cpis::store
