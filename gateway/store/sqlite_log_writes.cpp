#include "gateway/store/sqlite_log_writes.h"

#include <cstddef>
#include <exception>
#include <memory>
#include <string>

namespace cpis::store {
namespace {

// More than nearly every commit writes; a larger one leaves in several pieces. SQLite's own files
// take at most 128 KiB less a byte at once.
constexpr std::size_t gathered_bytes_max = std::size_t{124} * 1024;

/// The log of one connection. SQLite gives the memory, with that of the file below behind it.
struct LogFile : sqlite3_file {
  std::string gathered;
  sqlite3_int64 begin = 0;  // of `gathered` in the file

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  // Forgotten also when it fails: SQLite undoes the commit and writes the same place again.
  int write_gathered() {
    if (gathered.empty()) return SQLITE_OK;
    const int code = below()->pMethods->xWrite(below(), gathered.data(),
                                               static_cast<int>(gathered.size()), begin);
    gathered.clear();
    return code;
  }

  int write(const char* bytes, std::size_t size, sqlite3_int64 at) {
    const bool goes_on = at == begin + static_cast<sqlite3_int64>(gathered.size());
    if (!goes_on || gathered.size() + size > gathered_bytes_max) {
      if (const int code = write_gathered(); code != SQLITE_OK) return code;
    }
    if (size > gathered_bytes_max) {
      return below()->pMethods->xWrite(below(), bytes, static_cast<int>(size), at);
    }
    if (gathered.empty()) begin = at;
    gathered.append(bytes, size);  // within what was reserved
    return SQLITE_OK;
  }
};
static_assert(sizeof(LogFile) % 8 == 0, "SQLite aligns files to eight bytes");

LogFile& log_of(sqlite3_file* file) { return *static_cast<LogFile*>(file); }

// Calls the file below after what was gathered has been written.
template <class Call>
int after_writing(sqlite3_file* file, const Call& call) {
  LogFile& log = log_of(file);
  const int code = log.write_gathered();
  return code == SQLITE_OK ? call(log.below()) : code;
}

int close_log(sqlite3_file* file) {
  LogFile& log = log_of(file);
  const int written = log.write_gathered();
  const int closed = log.below()->pMethods->xClose(log.below());
  std::destroy_at(&log);
  return written == SQLITE_OK ? closed : written;
}

int read_log(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  return after_writing(file,
                       [&](sqlite3_file* f) { return f->pMethods->xRead(f, into, size, at); });
}

int write_log(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  return log_of(file).write(static_cast<const char*>(bytes), static_cast<std::size_t>(size), at);
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  return after_writing(file, [&](sqlite3_file* f) { return f->pMethods->xTruncate(f, size); });
}

int flush_log(sqlite3_file* file, int flags) {
  return after_writing(file, [&](sqlite3_file* f) { return f->pMethods->xSync(f, flags); });
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
  return after_writing(file, [&](sqlite3_file* f) { return f->pMethods->xFileSize(f, size); });
}

int lock_log(sqlite3_file* file, int level) {
  return after_writing(file, [&](sqlite3_file* f) { return f->pMethods->xLock(f, level); });
}

int unlock_log(sqlite3_file* file, int level) {
  return after_writing(file, [&](sqlite3_file* f) { return f->pMethods->xUnlock(f, level); });
}

int check_log_lock(sqlite3_file* file, int* held) {
  return after_writing(file,
                       [&](sqlite3_file* f) { return f->pMethods->xCheckReservedLock(f, held); });
}

int control_log(sqlite3_file* file, int what, void* argument) {
  return after_writing(
      file, [&](sqlite3_file* f) { return f->pMethods->xFileControl(f, what, argument); });
}

int sector_of_log(sqlite3_file* file) {
  sqlite3_file* const f = log_of(file).below();
  return f->pMethods->xSectorSize(f);
}

int traits_of_log(sqlite3_file* file) {
  sqlite3_file* const f = log_of(file).below();
  return f->pMethods->xDeviceCharacteristics(f);
}

// Version 1: a log is neither shared memory nor mapped.
constexpr sqlite3_io_methods log_methods{
    1,        close_log,  read_log,       write_log,   truncate_log,  flush_log,     size_of_log,
    lock_log, unlock_log, check_log_lock, control_log, sector_of_log, traits_of_log, nullptr,
    nullptr,  nullptr,    nullptr,        nullptr,     nullptr};

sqlite3_vfs* below(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int open_log(sqlite3_vfs* real, const char* path, sqlite3_file* file, int flags, int* given) {
  LogFile* log = nullptr;
  try {
    log = std::construct_at(static_cast<LogFile*>(file));
    log->gathered.reserve(gathered_bytes_max);
  } catch (const std::exception&) {
    if (log != nullptr) std::destroy_at(log);
    file->pMethods = nullptr;
    return SQLITE_NOMEM;
  }
  const int code = real->xOpen(real, path, log->below(), flags, given);
  if (code != SQLITE_OK) {
    // A file that failed to open is closed all the same when it says so.
    if (log->below()->pMethods != nullptr) log->below()->pMethods->xClose(log->below());
    std::destroy_at(log);
    file->pMethods = nullptr;
    return code;
  }
  log->pMethods = &log_methods;
  return SQLITE_OK;
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* given) {
  sqlite3_vfs* const real = below(vfs);
  if ((flags & SQLITE_OPEN_WAL) != 0) return open_log(real, path, file, flags, given);
  return real->xOpen(real, path, file, flags, given);
}

int delete_file(sqlite3_vfs* vfs, const char* path, int flush_folder) {
  return below(vfs)->xDelete(below(vfs), path, flush_folder);
}

int access_file(sqlite3_vfs* vfs, const char* path, int how, int* can) {
  return below(vfs)->xAccess(below(vfs), path, how, can);
}

int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return below(vfs)->xFullPathname(below(vfs), path, size, out);
}

int random_bytes(sqlite3_vfs* vfs, int size, char* out) {
  return below(vfs)->xRandomness(below(vfs), size, out);
}

int sleep_for(sqlite3_vfs* vfs, int micros) { return below(vfs)->xSleep(below(vfs), micros); }

int current_time(sqlite3_vfs* vfs, double* days) {
  return below(vfs)->xCurrentTime(below(vfs), days);
}

int current_millis(sqlite3_vfs* vfs, sqlite3_int64* millis) {
  return below(vfs)->xCurrentTimeInt64(below(vfs), millis);
}

int last_error(sqlite3_vfs* vfs, int size, char* out) {
  return below(vfs)->xGetLastError(below(vfs), size, out);
}

}  // namespace

SqliteLogWrites::SqliteLogWrites(const char* name, sqlite3_vfs* below)
    : vfs_{std::make_unique<sqlite3_vfs>()} {
  sqlite3_vfs& vfs = *vfs_;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(LogFile)) + below->szOsFile;
  vfs.mxPathname = below->mxPathname;
  vfs.zName = name;
  vfs.pAppData = below;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = random_bytes;
  vfs.xSleep = sleep_for;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_millis;
  sqlite3_vfs_register(&vfs, 0);
}

SqliteLogWrites::~SqliteLogWrites() { sqlite3_vfs_unregister(vfs_.get()); }

const char* SqliteLogWrites::of_the_system() {
  static constexpr const char* name = "cpis-log-writes";
  // Never ended: a connection may be closed after every static object has gone.
  static const SqliteLogWrites* const writes =
      std::make_unique<SqliteLogWrites>(name, sqlite3_vfs_find(nullptr)).release();
  return writes->vfs_->zName;
}

}  // namespace cpis::store
