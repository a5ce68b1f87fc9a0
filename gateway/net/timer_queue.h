#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "gateway/net/clock.h"
#include "gateway/net/task.h"

namespace cpis::net {

/// Moments at which something is due, for one loop thread.
///
/// Two kinds share one heap: a `Task` to run, and a number the owner gave (a connection to look
/// at). A connection moves its deadline with every request, so its entry is not moved along: when
/// it comes up early the owner compares and puts it back.
class TimerQueue {
 public:
  using Token = std::uint64_t;

  void remind(SteadyTime when, Token token) { heap_.push({when, token, false}); }
  Token run_at(SteadyTime when, Task task);
  void cancel(Token task) { tasks_.erase(task); }

  /// When the loop must look again at the latest; `never` when nothing is due.
  SteadyTime next() const { return heap_.empty() ? never : heap_.top().when; }

  /// Takes one entry that is due at `now`: either a task to run or a token to look at.
  struct Due {
    Task task;
    std::optional<Token> token;
  };
  std::optional<Due> take(SteadyTime now);

 private:
  struct Entry {
    SteadyTime when;
    Token token;
    bool is_task;
    friend bool operator>(const Entry& a, const Entry& b) { return a.when > b.when; }
  };
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
  std::unordered_map<Token, Task> tasks_;
  Token last_task_ = 0;
};

}  // namespace cpis::net
