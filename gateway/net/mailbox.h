#pragma once

#include <atomic>
#include <mutex>
#include <thread>
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
class Mailbox {
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
  Descriptor wake_;
  std::atomic<std::thread::id> owner_{};
  EventLoop* loop_ = nullptr;

  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool signalled_ = false;
  bool closed_ = false;
};

}  // namespace cpis::net
