#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace cpis::app {

/// Calls a function on a thread of its own: after each interval, and when woken. The function never
/// runs twice at a time and must not throw.
class Periodic {
 public:
  /// `name` is the thread's, at most 15 bytes.
  Periodic(const char* name, std::chrono::milliseconds interval, std::function<void()> work);
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

  void start();
  void wake();
  /// Lets a running call finish. Safe to call twice.
  void stop();

 private:
  void run();

  const char* const name_;
  const std::chrono::milliseconds interval_;
  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cpis::app
