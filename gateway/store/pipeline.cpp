#include "gateway/store/pipeline.h"

#include <utility>

namespace cpis::store {

Pipeline::Pipeline(Database& database, std::size_t under_way_max)
    : database_{database}, under_way_max_{under_way_max} {}

Pipeline::~Pipeline() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return told_ == queued_; });
}

Status Pipeline::write(Work work) {
  {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return queued_ - told_ < under_way_max_; });
    if (!failure_) return failure_;
    ++queued_;
  }
  if (database_.submit(std::move(work), [this](const Status& status) { told(status); })) {
    return done;
  }
  const Error full{ErrorKind::busy, "the store's queue is full; try again"};
  told(full);
  return full;
}

Status Pipeline::finish() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return told_ == queued_; });
  return failure_;
}

std::size_t Pipeline::committed() const {
  const std::lock_guard lock{mutex_};
  return committed_;
}

void Pipeline::told(const Status& status) {
  // Notified under the lock: after it, the owner may be gone.
  const std::lock_guard lock{mutex_};
  ++told_;
  if (status) {
    ++committed_;
  } else if (failure_) {
    failure_ = status;
  }
  changed_.notify_all();
}

}  // namespace cpis::store
