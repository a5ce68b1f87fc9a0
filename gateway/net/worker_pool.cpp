#include "gateway/net/worker_pool.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "gateway/observe/thread_name.h"

namespace cpis::net {

WorkerPool::Place::Place(Place&& other) noexcept : pool_{std::exchange(other.pool_, nullptr)} {}

WorkerPool::Place::~Place() {
  if (pool_ != nullptr) pool_->give_back();
}

void WorkerPool::Place::submit(Task task) {
  if (pool_ == nullptr) throw std::logic_error{"a place in the queue is for one task"};
  std::exchange(pool_, nullptr)->accept(std::move(task));
}

WorkerPool::WorkerPool(Settings settings) : settings_{std::move(settings)} {
  const std::size_t count = std::max<std::size_t>(settings_.threads, 1);
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() { drain(); }

std::optional<WorkerPool::Place> WorkerPool::reserve() {
  const std::lock_guard lock{mutex_};
  if (stopping_ || tasks_.size() + reserved_ >= settings_.waiting_max) return std::nullopt;
  ++reserved_;
  return Place{*this};
}

bool WorkerPool::try_submit(Task task) {
  std::optional<Place> place = reserve();
  if (!place) return false;
  place->submit(std::move(task));
  return true;
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock{mutex_};
  return tasks_.size();
}

void WorkerPool::give_back() {
  const std::lock_guard lock{mutex_};
  --reserved_;
}

void WorkerPool::accept(Task task) {
  {
    const std::lock_guard lock{mutex_};
    --reserved_;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void WorkerPool::work() {
  observe::name_thread("worker");
  while (true) {
    Task task;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    try {
      task();
    } catch (const std::exception& fault) {
      if (settings_.on_fault) settings_.on_fault(fault.what());
    }
  }
}

void WorkerPool::drain() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace cpis::net
