#pragma once

#include <string>

#include "adapters/core/result.h"

namespace cpis::store {

/// Holds a store file for this process, so that two gateways cannot write to one file. The kernel
/// releases it when the process ends, however it ends.
class StoreLock {
 public:
  /// Locks `<path>.lock`; `conflict` with the other process's number when it is taken.
  static Result<StoreLock> take(const std::string& path);

  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  explicit StoreLock(int descriptor) : descriptor_{descriptor} {}
  int descriptor_;
};

}  // namespace cpis::store
