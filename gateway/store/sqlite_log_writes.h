#pragma once

#include <sqlite3.h>

#include <memory>

namespace cpis::store {

/// SQLite's file system with one difference: a connection opened through it writes what follows
/// each other in the write-ahead log in one piece. By itself SQLite makes two writes for each page
/// of a commit, and they cost more processor time than filling the pages.
///
/// Nothing is kept back beyond a flush: whatever SQLite does next with the log other than going on
/// writing at its end (above all the flush that makes a commit durable, and any read) comes after
/// the bytes have been written. A write that fails then fails that call, which is before the commit
/// is shown to anybody.
class SqliteLogWrites {
 public:
  /// Registers itself under `name`, a text that lives as long; `below` does the work. Before any
  /// connection is opened through it, and it outlives them all.
  SqliteLogWrites(const char* name, sqlite3_vfs* below);
  ~SqliteLogWrites();
  SqliteLogWrites(const SqliteLogWrites&) = delete;
  SqliteLogWrites& operator=(const SqliteLogWrites&) = delete;

  /// The name to open connections with; over the system's own files, made when first asked for.
  static const char* of_the_system();

 private:
  const std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace cpis::store
