#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/net/descriptor.h"
#include "gateway/net/task.h"

namespace cpis::net {

class EventLoop;

/// The way into an event loop from other threads: a queue and a descriptor that wakes the loop.
///
/// Shared by the loop and by every reply that is still to be given, so that a late reply finds a
/// closed mailbox and not a destroyed loop. What is posted comes from work the loop itself handed
/// out, one answer for one request, so the connections' own limits bound the queue.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  Mailbox();

  /// Any thread. False when the loop has ended: the task is destroyed here, unrun.
  bool post(Task task);

  /// The loop, when called on its own thread while it runs; otherwise null.
  EventLoop* loop_here() const noexcept;

  // For the loop alone.
  int wake_descriptor() const noexcept { return wake_.get(); }
  void open(EventLoop& loop);
  std::vector<Task> take();
  void close();

 private:
  friend class WakesGathered;
  void wake();

  Descriptor wake_;
  std::atomic<std::thread::id> owner_{};
  EventLoop* loop_ = nullptr;

  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool signalled_ = false;
  bool closed_ = false;
};

/// While one lives, what its thread posts wakes each loop once, when it ends, and not one by one:
/// whoever answers many at a time would otherwise be interrupted by the loop after each of them,
/// on the processor that both share. One at a time on a thread. For mailboxes that are shared.
class WakesGathered {
 public:
  WakesGathered();
  ~WakesGathered();
  WakesGathered(const WakesGathered&) = delete;
  WakesGathered& operator=(const WakesGathered&) = delete;

 private:
  friend class Mailbox;
  std::vector<std::shared_ptr<Mailbox>> mailboxes_;
};

}  // namespace cpis::net
