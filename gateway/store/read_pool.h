#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/store/connection.h"
#include "gateway/store/open.h"

namespace cpis::store {

/// Read connections, opened when first needed and shared by all threads, each for one read.
class ReadPool {
 public:
  /// `engine` must live longer than the pool.
  ReadPool(Engine& engine, const OpenOptions& options) : engine_{engine}, options_{options} {}

  /// `busy` when no connection becomes free in time.
  Status read(const Work& work);

  /// Waits for the reads under way, then closes the connections. Later reads are refused.
  void close();

 private:
  Result<std::unique_ptr<Connection>> acquire();
  void give_back(std::unique_ptr<Connection> connection);

  Engine& engine_;
  const OpenOptions options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
  std::size_t in_use_ = 0;                         // guarded by mutex_
  bool closing_ = false;                           // guarded by mutex_
};

}  // namespace cpis::store
