#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "gateway/store/database.h"

namespace cpis::store {

/// Hands many works to the writer without waiting for each: the next is made while the last ones
/// are written, and works that wait together are committed together. For one caller, which blocks
/// while too many are under way. The database must outlive it.
class Pipeline {
 public:
  explicit Pipeline(Database& database, std::size_t under_way_max = 4);
  /// Waits for what is under way.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Queues `work`. An error is the first one of any work so far: nothing more is queued then.
  Status write(Work work);
  /// Waits until all is durable, or says why not.
  Status finish();
  /// How many works are durable, counted from the first.
  std::size_t committed() const;

 private:
  void told(const Status& status);

  Database& database_;
  const std::size_t under_way_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t queued_ = 0;  // guarded by mutex_, as all below
  std::size_t told_ = 0;
  std::size_t committed_ = 0;
  Status failure_ = done;
};

}  // namespace cpis::store
