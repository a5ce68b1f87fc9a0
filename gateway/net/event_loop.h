#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/net/clock.h"
#include "gateway/net/connection.h"
#include "gateway/net/connection_budget.h"
#include "gateway/net/counters.h"
#include "gateway/net/mailbox.h"
#include "gateway/net/timer_queue.h"

namespace cpis::net {

class TlsSlot;

/// Makes the protocol for a new connection. Called on loop threads, on several at the same time.
using ProtocolFactory = std::function<std::unique_ptr<Protocol>(const Connection&)>;

/// What all connections of one listening address have in common.
struct Door {
  std::string name;  ///< for logs and metrics; Peer::listener
  ProtocolFactory protocol;
  std::shared_ptr<TlsSlot> tls;  ///< null: plain
  TransportLimits limits;
  std::string refusal;  ///< sent, at best once, to a plain connection over the limits
};

/// What the loops of one process share.
struct LoopShared {
  std::shared_ptr<ConnectionBudget> budget;
  std::shared_ptr<Counters> counters;
  /// Told about an exception that reached the loop. No personal data is in `what`.
  std::function<void(const char* what)> on_fault;
};

/// One thread that serves many connections with epoll (level-triggered) and never blocks.
///
/// Only `mailbox()->post` and `stop` may be called from other threads; a connection is reached
/// by posting its id.
class EventLoop {
 public:
  explicit EventLoop(LoopShared shared);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Serves until `stop`, or until a drain has ended. Once.
  void run();
  void stop();
  const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

  // On the loop's thread, or before `run`.

  /// `listener` is a listening, non-blocking socket of this loop's own.
  void add_listener(Descriptor listener, std::shared_ptr<const Door> door);
  /// Stops listening, tells every connection, and ends `run` when the last has gone or, at the
  /// latest, after `at_most`: then what is left is closed.
  void drain(Milliseconds at_most);

  /// Null when that connection has gone.
  Connection* find(ConnectionId id) const noexcept;
  Protocol* find_protocol(ConnectionId id) const noexcept;
  std::size_t connections() const noexcept { return open_; }

  TimerQueue::Token run_after(Milliseconds delay, Task task);
  void cancel(TimerQueue::Token task) { timers_.cancel(task); }
  /// The time at the start of this turn of the loop.
  SteadyTime now() const noexcept { return now_; }
  /// A buffer for building one answer, reused. Empty it before use; nobody keeps it across calls.
  std::string& scratch() noexcept { return scratch_; }
  /// For a protocol that has caught an exception of its handler and goes on.
  void report_fault(const char* what);

 private:
  friend class Connection;
  struct Listener {
    Descriptor socket;
    std::shared_ptr<const Door> door;
    bool resting = false;  ///< out of descriptors: accept again a little later
  };
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::uint32_t generation = 1;
  };

  void turn();
  void dispatch(std::uint64_t tag, std::uint32_t events);
  void run_tasks();
  void run_timers();
  void bury();
  void accept_from(std::size_t index);
  void admit(Descriptor socket, std::shared_ptr<Peer> peer,
             const std::shared_ptr<const Door>& door);
  void rest(std::size_t index);
  void watch(int descriptor, std::uint64_t tag, std::uint32_t events, bool first);
  template <class Work>
  void guarded(Connection* connection, Work&& work);

  LoopShared shared_;
  std::shared_ptr<Mailbox> mailbox_;
  Descriptor epoll_;
  std::vector<Listener> listeners_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<ConnectionId> doomed_;
  std::size_t open_ = 0;
  TimerQueue timers_;
  SteadyTime now_;
  SteadyTime drain_until_ = never;
  bool draining_ = false;
  std::atomic<bool> stopping_{false};
  std::string scratch_;
  std::unique_ptr<char[]> read_buffer_;
};

}  // namespace cpis::net
