#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/store/journal_disk.h"

namespace cpis::test {

/// What a disk holds, and what it does wrong. Outlives the journals that use it.
struct JournalMedium {
  std::mutex mutex;
  std::string durable;       ///< what is there after a loss of power
  std::string written;       ///< what is read back while it has power
  bool flush_fails = false;  ///< and nothing becomes durable
  bool full = false;         ///< nothing can be written
  std::size_t flushes = 0;

  std::string survives() {
    const std::lock_guard lock{mutex};
    return durable;
  }
};

/// A disk in memory: what was not flushed is lost when the next one is opened on its medium.
class MemoryJournalDisk final : public store::JournalDisk {
 public:
  explicit MemoryJournalDisk(JournalMedium& medium) : medium_{medium} {
    const std::lock_guard lock{medium_.mutex};
    medium_.written = medium_.durable;
  }

  Status write(std::uint64_t at, std::string_view pages) override {
    const std::lock_guard lock{medium_.mutex};
    if (medium_.full) return Error{ErrorKind::unavailable, "no space left"};
    std::string& bytes = medium_.written;
    bytes.resize(std::max<std::size_t>(bytes.size(), at + pages.size()));
    bytes.replace(at, pages.size(), pages);
    return done;
  }
  Status flush() override {
    const std::lock_guard lock{medium_.mutex};
    ++medium_.flushes;
    if (medium_.flush_fails) return Error{ErrorKind::unavailable, "the disk broke"};
    medium_.durable = medium_.written;
    return done;
  }
  Result<std::string> read(std::uint64_t at, std::size_t size) const override {
    const std::lock_guard lock{medium_.mutex};
    if (at >= medium_.written.size()) return std::string{};
    return medium_.written.substr(at, size);
  }
  Status cut() override {
    const std::lock_guard lock{medium_.mutex};
    medium_.written.clear();
    medium_.durable.clear();
    return done;
  }

 private:
  JournalMedium& medium_;
};

}  // namespace cpis::test
