#include "gateway/store/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

namespace cpis::store {
namespace {

std::string read_owner(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t count = pread(descriptor, text.data(), text.size(), 0);
  std::string owner;
  for (ssize_t i = 0; i < count; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') break;
    owner += c;
  }
  return owner.empty() ? "unknown" : owner;
}

// Only for the other side's message: a lock without a number still holds.
void write_owner(int descriptor) {
  const std::string owner = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor, 0) != 0) return;
  if (pwrite(descriptor, owner.data(), owner.size(), 0) < 0) return;
}

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const int descriptor = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error{ErrorKind::unavailable,
                 "cannot open " + lock_path + ": " + std::generic_category().message(errno)};
  }
  StoreLock lock{descriptor};
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorKind::conflict,
                 "the store " + path + " is in use by another gateway (process " +
                     read_owner(descriptor) + "); stop it, or give this one another store.url"};
  }
  write_owner(descriptor);
  return lock;
}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)} {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace cpis::store
