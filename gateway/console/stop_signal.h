#pragma once

#include <signal.h>

namespace cpis::console {

/// SIGINT and SIGTERM as something to wait for, and SIGHUP where it is asked for. Make one before
/// any thread starts, so that every thread has them blocked and only `wait` gets them. SIGPIPE is
/// ignored for the whole program.
class StopSignal {
 public:
  enum class Hangup { ends_the_program, is_waited_for };

  explicit StopSignal(Hangup hangup = Hangup::ends_the_program) {
    sigemptyset(&signals_);
    if (hangup == Hangup::is_waited_for) sigaddset(&signals_, SIGHUP);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    signal(SIGPIPE, SIG_IGN);
  }
  /// Gives the signal that came.
  int wait() {
    int got = 0;
    sigwait(&signals_, &got);
    return got;
  }
  /// True when a signal came within the time.
  bool wait_for(long milliseconds) {
    const timespec limit{milliseconds / 1000, (milliseconds % 1000) * 1'000'000};
    return sigtimedwait(&signals_, nullptr, &limit) > 0;
  }

 private:
  sigset_t signals_{};
};

}  // namespace cpis::console
