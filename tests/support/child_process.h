#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cpis::test {

/// A program started by a test: its output is collected, it can be killed at any moment, and it
/// never outlives the object.
class ChildProcess {
 public:
  /// Starts `command` (a path and its arguments); standard input is empty. Throws
  /// std::runtime_error when it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& command);
  /// Kills the program if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  /// Sends a signal; nothing when the program has been waited for.
  void kill(int signal);
  /// The exit code, or minus the signal that ended it; nothing when it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit);

  /// True once the output (standard output and error, together) holds `text`; false when the
  /// program closed its output or the time is over without it.
  bool wait_for_output(std::string_view text, std::chrono::milliseconds limit);
  /// True once the program and all that shares its output have closed it.
  bool wait_for_output_end(std::chrono::milliseconds limit);
  /// What was printed so far; the newest mebibyte of it.
  std::string output() const;

 private:
  void collect();

  pid_t pid_ = -1;
  int output_descriptor_ = -1;
  std::optional<int> exit_;
  mutable std::mutex mutex_;
  std::condition_variable printed_;
  std::string output_;   // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
  std::thread collector_;
};

/// Runs a program to its end; its exit code as `ChildProcess::wait` gives it. Nothing when it had
/// to be killed at the limit.
std::optional<int> run_program(const std::vector<std::string>& command,
                               std::chrono::milliseconds limit, std::string* output = nullptr);

/// Longer than any machine takes to start or to end a program that will start or end at all.
inline constexpr std::chrono::seconds program_time_max{180};

/// A TCP port of the loopback interface that stays this process's until it ends, also while nothing
/// listens there: no other test gets it, and the system gives it to nobody, because it lies outside
/// the range that ports are taken from when any will do.
int free_port();

}  // namespace cpis::test
