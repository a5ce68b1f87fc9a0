#include "gateway/store/sqlite_checkpointer.h"

#include <utility>

#include "gateway/observe/thread_name.h"

namespace cpis::store {

SqliteCheckpointer::SqliteCheckpointer(std::unique_ptr<SqliteConnection> connection)
    : connection_{std::move(connection)} {
  thread_ = std::thread{[this] { run(); }};
}

SqliteCheckpointer::~SqliteCheckpointer() { close(); }

void SqliteCheckpointer::ask() {
  {
    const std::lock_guard lock{mutex_};
    if (asked_) return;
    asked_ = true;
  }
  wake_.notify_one();
}

void SqliteCheckpointer::close() {
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SqliteCheckpointer::run() {
  observe::name_thread("checkpointer");
  while (true) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return asked_ || closing_; });
      if (closing_) break;
      asked_ = false;
    }
    const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    // Busy only means that a reader still needs the log; the next round gets further.
    if (sqlite_trouble(code) == Trouble::broken) broken_ = true;
    ++checkpoints_;
  }
  connection_.reset();
}

}  // namespace cpis::store
