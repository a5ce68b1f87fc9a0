#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "gateway/net/task.h"

namespace cpis::net {

/// A few threads behind a bounded queue, for whatever may block: SQL, files, calls to others.
///
/// All functions are thread-safe. A task that throws is reported and ends; the thread goes on.
class WorkerPool {
 public:
  struct Settings {
    std::size_t threads = 2;
    std::size_t waiting_max = 1'000;  ///< tasks that wait, the running ones not counted
    std::function<void(const char* what)> on_fault = {};
  };

  /// A place in the queue, taken before the work is built, so that a full queue is known while the
  /// request is still in hand and can be answered. Given back when not used. Ends before the pool.
  class Place {
   public:
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();
    /// Once.
    void submit(Task task);

   private:
    friend class WorkerPool;
    explicit Place(WorkerPool& pool) : pool_{&pool} {}
    WorkerPool* pool_;
  };

  explicit WorkerPool(Settings settings);
  /// Finishes as `drain` does.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Empty when the queue is full or the pool is stopping.
  std::optional<Place> reserve();
  /// False, with the task destroyed unrun, in the same cases.
  bool try_submit(Task task);
  std::size_t waiting() const;

  /// Takes no more work, runs what waits, ends the threads. Again: nothing.
  void drain();

 private:
  void work();
  void give_back();
  void accept(Task task);

  const Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::size_t reserved_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cpis::net
