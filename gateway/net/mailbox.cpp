#include "gateway/net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace cpis::net {
namespace {

thread_local WakesGathered* gathered = nullptr;

}  // namespace

Mailbox::Mailbox() : wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
  if (!wake_.valid()) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

bool Mailbox::post(Task task) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return false;
    tasks_.push_back(std::move(task));
    wake = !std::exchange(signalled_, true);
  }
  if (!wake) return true;
  if (gathered != nullptr)
    gathered->mailboxes_.push_back(shared_from_this());
  else
    this->wake();
  return true;
}

void Mailbox::wake() {
  const std::uint64_t one = 1;
  // Can only fail when the counter is full, and then the loop is awake anyway.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

EventLoop* Mailbox::loop_here() const noexcept {
  return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id() ? loop_ : nullptr;
}

void Mailbox::open(EventLoop& loop) {
  loop_ = &loop;
  owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
}

std::vector<Task> Mailbox::take() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
  const std::lock_guard lock{mutex_};
  signalled_ = false;
  return std::exchange(tasks_, {});
}

void Mailbox::close() {
  std::vector<Task> unrun;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    unrun.swap(tasks_);
  }
  // Destroying a task may drop a reply, which posts here again: outside the lock.
  unrun.clear();
  owner_.store(std::thread::id{}, std::memory_order_relaxed);
}

WakesGathered::WakesGathered() { gathered = this; }

WakesGathered::~WakesGathered() {
  gathered = nullptr;
  for (const std::shared_ptr<Mailbox>& mailbox : mailboxes_) mailbox->wake();
}

}  // namespace cpis::net
