#include "gateway/store/sqlite_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace cpis::store {
namespace {

constexpr std::int64_t application_id = 0x43504953;  // "CPIS"

}  // namespace

Status make_private_file(const std::string& path, FileMode mode) {
  const int only_new = mode == FileMode::only_new ? O_EXCL : 0;
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | only_new, 0600);
  if (descriptor < 0) {
    const auto kind = errno == EEXIST ? ErrorKind::conflict : ErrorKind::unavailable;
    return Error{kind, "cannot open " + path + ": " + std::generic_category().message(errno)};
  }
  close(descriptor);
  return done;
}

Status flush_folder_of(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  const auto trouble = [&folder](std::string_view doing) {
    return Error{ErrorKind::unavailable, std::string{doing} + ' ' + folder.string() + ": " +
                                             std::generic_category().message(errno)};
  };
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return trouble("opening");
  const int flushed = fsync(descriptor);
  const Status done_now = flushed == 0 ? Status{done} : trouble("flushing");
  close(descriptor);
  return done_now;
}

// A file of ours, or an empty one that becomes ours.
Status check_identity(SqliteConnection& connection, const std::string& path) {
  const auto id = connection.ask_integer("PRAGMA application_id");
  if (!id) {
    return Error{ErrorKind::unavailable, path + " is not a store: " + id.error().message};
  }
  if (*id == application_id) return done;
  const auto tables = connection.ask_integer("SELECT COUNT(*) FROM sqlite_master");
  if (!tables) return tables.error();
  if (*id != 0 || *tables != 0) {
    return Error{ErrorKind::conflict,
                 path + " is a SQLite file of another program; give store.url another path"};
  }
  return connection.run_script(("PRAGMA application_id=" + std::to_string(application_id)).c_str());
}

Status check_structure(SqliteConnection& connection, const std::string& pragma) {
  bool sound = false;
  const Status asked = connection.query(pragma, {}, [&sound](const Row& row) -> Status {
    sound = row.text(0) == "ok";
    return done;
  });
  if (!asked) return asked;
  if (sound) return done;
  return Error{ErrorKind::unavailable,
               "the store's file is damaged; restore the last backup and keep this file for help"};
}

}  // namespace cpis::store
