#include "gateway/net/timer_queue.h"

#include <utility>

namespace cpis::net {

TimerQueue::Token TimerQueue::run_at(SteadyTime when, Task task) {
  const Token token = ++last_task_;
  tasks_.emplace(token, std::move(task));
  heap_.push({when, token, true});
  return token;
}

std::optional<TimerQueue::Due> TimerQueue::take(SteadyTime now) {
  while (!heap_.empty() && heap_.top().when <= now) {
    const Entry entry = heap_.top();
    heap_.pop();
    if (!entry.is_task) return Due{{}, entry.token};
    if (auto found = tasks_.extract(entry.token)) return Due{std::move(found.mapped()), {}};
    // Cancelled: its place in the heap was left behind.
  }
  return std::nullopt;
}

}  // namespace cpis::net
