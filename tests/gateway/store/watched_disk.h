#pragma once

#include <string>

namespace cpis::test {

/// From here to its end every flush fails, as of a disk that breaks.
class FailingDisk {
 public:
  FailingDisk();
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;
};

/// From here to its end nothing more can be written into a write-ahead log: there is no room.
class FullDisk {
 public:
  FullDisk();
  ~FullDisk();
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
};

/// Writes what happens to write-ahead logs from here to its end, one letter each: `w` a write, `f`
/// a flush. One at a time.
class LogWatch {
 public:
  LogWatch();
  ~LogWatch();
  LogWatch(const LogWatch&) = delete;
  LogWatch& operator=(const LogWatch&) = delete;

  /// What happened since this was last asked.
  std::string take();
};

}  // namespace cpis::test
