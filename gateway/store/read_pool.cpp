#include "gateway/store/read_pool.h"

#include <exception>
#include <string>
#include <typeinfo>
#include <utility>

namespace cpis::store {
namespace {

// Reading changes nothing, so a read whose connection died is simply done again on a fresh one.
constexpr int attempts_max = 3;

Status run_read(Connection& connection, const Work& work) {
  if (const Status begun = connection.begin_read(); !begun) return begun;
  try {
    Status status = work(connection);
    connection.rollback();
    return status;
  } catch (const std::exception& e) {
    connection.rollback();
    return Error{ErrorKind::fault, std::string{"a read of the store threw "} + typeid(e).name()};
  }
}

}  // namespace

Status ReadPool::read(const Work& work) {
  for (int attempt = 1;; ++attempt) {
    auto connection = acquire();
    if (!connection) return connection.error();
    Status status = run_read(**connection, work);
    const Trouble trouble = (*connection)->trouble();
    const bool usable = trouble == Trouble::none || trouble == Trouble::repeat;
    give_back(usable ? *std::move(connection) : nullptr);
    const bool again = trouble == Trouble::lost || trouble == Trouble::repeat;
    if (!again || attempt == attempts_max) return status;
  }
}

Result<std::unique_ptr<Connection>> ReadPool::acquire() {
  {
    std::unique_lock lock{mutex_};
    const auto free = [this] {
      return closing_ || !idle_.empty() || in_use_ < options_.read_connections_max;
    };
    if (!freed_.wait_for(lock, options_.read_wait_max, free)) {
      return Error{ErrorKind::busy, "all read connections of the store are in use"};
    }
    if (closing_) return Error{ErrorKind::unavailable, "the store is closed"};
    ++in_use_;
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto opened = engine_.open_reader();
  if (!opened) give_back(nullptr);
  return opened;
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock{mutex_};
    --in_use_;
    if (connection) idle_.push_back(std::move(connection));
  }
  freed_.notify_all();
}

void ReadPool::close() {
  std::unique_lock lock{mutex_};
  closing_ = true;
  freed_.notify_all();
  freed_.wait(lock, [this] { return in_use_ == 0; });
  idle_.clear();
}

}  // namespace cpis::store
