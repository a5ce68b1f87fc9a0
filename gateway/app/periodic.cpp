#include "gateway/app/periodic.h"

#include <utility>

#include "gateway/observe/thread_name.h"

namespace cpis::app {

Periodic::Periodic(const char* name, std::chrono::milliseconds interval, std::function<void()> work)
    : name_{name}, interval_{interval}, work_{std::move(work)} {}

Periodic::~Periodic() { stop(); }

void Periodic::start() {
  thread_ = std::thread{[this] { run(); }};
}

void Periodic::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_all();
}

void Periodic::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Periodic::run() {
  observe::name_thread(name_);
  while (true) {
    work_();
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, interval_, [&] { return woken_ || stopping_; });
    if (stopping_) return;
    woken_ = false;
  }
}

}  // namespace cpis::app
