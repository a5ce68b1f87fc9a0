#include "tests/gateway/store/watched_disk.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <utility>

namespace {

std::atomic<bool> disk_fails{false};
std::atomic<bool> disk_is_full{false};
std::atomic<bool> watching{false};
std::mutex mutex;
std::string seen;  // guarded by mutex

bool is_log(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto size = readlink(link.c_str(), path.data(), path.size());
  if (size <= 0) return false;
  return std::string_view{path.data(), static_cast<std::size_t>(size)}.ends_with("-wal");
}

void note(char what, int descriptor) {
  if (!watching || !is_log(descriptor)) return;
  const std::lock_guard lock{mutex};
  seen += what;
}

int flush(int descriptor, long number) {
  if (disk_fails) {
    errno = EIO;
    return -1;
  }
  note('f', descriptor);
  return static_cast<int>(syscall(number, descriptor));
}

}  // namespace

// Stand before the C library's functions, for SQLite too, so that a test can watch the disk and
// make it fail.
extern "C" int fsync(int descriptor) { return flush(descriptor, SYS_fsync); }
extern "C" int fdatasync(int descriptor) { return flush(descriptor, SYS_fdatasync); }
extern "C" ssize_t pwrite64(int descriptor, const void* bytes, std::size_t size, off64_t at) {
  if (disk_is_full && is_log(descriptor)) {
    errno = ENOSPC;
    return -1;
  }
  note('w', descriptor);
  return syscall(SYS_pwrite64, descriptor, bytes, size, at);
}

namespace cpis::test {

FailingDisk::FailingDisk() { disk_fails = true; }
FailingDisk::~FailingDisk() { disk_fails = false; }

FullDisk::FullDisk() { disk_is_full = true; }
FullDisk::~FullDisk() { disk_is_full = false; }

LogWatch::LogWatch() {
  take();
  watching = true;
}
LogWatch::~LogWatch() { watching = false; }

std::string LogWatch::take() {
  const std::lock_guard lock{mutex};
  return std::exchange(seen, {});
}

}  // namespace cpis::test
