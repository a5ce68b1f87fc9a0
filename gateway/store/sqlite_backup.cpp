#include "gateway/store/sqlite_backup.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "gateway/store/sqlite_file.h"
#include "gateway/store/store_lock.h"

namespace cpis::store {
namespace {

// Removes a copy that was not completed.
class Partial {
 public:
  explicit Partial(std::string path) : path_{std::move(path)} {}
  ~Partial() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Status system_failure(const std::string& doing) {
  return Error{ErrorKind::unavailable, doing + ": " + std::generic_category().message(errno)};
}

Status copy_pages(SqliteConnection& from, SqliteConnection& to) {
  // All pages in one step: one snapshot, and a writer in WAL mode is not held up by it.
  sqlite3_backup* copying = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (copying == nullptr) return sqlite_error(sqlite3_errcode(to.handle()), "starting a copy");
  sqlite3_backup_step(copying, -1);
  const int code = sqlite3_backup_finish(copying);
  if (code != SQLITE_OK) return sqlite_error(code, "copying the store");
  // Without a log beside it, and proved readable.
  if (Status closed = to.run_script("PRAGMA journal_mode=DELETE"); !closed) return closed;
  return check_structure(to, "PRAGMA integrity_check(1)");
}

}  // namespace

Status copy_store(SqliteConnection& from, const std::string& path) {
  if (std::filesystem::exists(path)) {
    return Error{ErrorKind::conflict, path + " exists already; choose another name"};
  }
  const Partial partial{path + ".partial"};
  std::error_code ignored;
  std::filesystem::remove(partial.path(), ignored);
  if (Status made = make_private_file(partial.path(), FileMode::only_new); !made) return made;
  {
    auto to = SqliteConnection::open(partial.path(), SqliteConnection::Mode::write);
    if (!to) return to.error();
    if (Status copied = copy_pages(from, **to); !copied) return copied;
  }
  // Not a rename: that would replace a file which appeared in the meantime.
  if (link(partial.path().c_str(), path.c_str()) != 0) return system_failure("naming " + path);
  return flush_folder_of(path);
}

Status restore_backup(const std::string& backup, const std::string& path) {
  const auto lock = StoreLock::take(path);
  if (!lock) return lock.error();
  auto from = SqliteConnection::open(backup, SqliteConnection::Mode::read);
  if (!from) return from.error();
  if (Status sound = check_structure(**from, "PRAGMA integrity_check(1)"); !sound) return sound;
  if (Status ours = check_identity(**from, backup); !ours) return ours;
  return copy_store(**from, path);
}

}  // namespace cpis::store
