#include "gateway/net/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "gateway/net/limits.h"
#include "gateway/net/socket.h"
#include "gateway/net/tls.h"

namespace cpis::net {

namespace {

// The low half of a tag is a slot; the highest numbers are not connections.
constexpr std::uint32_t wake_slot = 0xFFFFFFFFU;
constexpr std::uint32_t first_listener_slot = 0xFF000000U;
constexpr Milliseconds rest_time{100};
constexpr Milliseconds longest_wait{60'000};

constexpr std::uint32_t slot_of(std::uint64_t tag) { return static_cast<std::uint32_t>(tag); }

int wait_for(SteadyTime now, SteadyTime until) {
  if (until <= now) return 0;
  const auto most = now + longest_wait;
  const auto gap = std::chrono::ceil<Milliseconds>(std::min(until, most) - now);
  return static_cast<int>(gap.count());
}

}  // namespace

EventLoop::EventLoop(LoopShared shared)
    : shared_{std::move(shared)},
      mailbox_{std::make_shared<Mailbox>()},
      epoll_{::epoll_create1(EPOLL_CLOEXEC)},
      now_{steady_now()},
      read_buffer_{std::make_unique<char[]>(read_buffer_bytes)} {
  if (!epoll_.valid()) throw std::system_error{errno, std::generic_category(), "epoll"};
  watch(mailbox_->wake_descriptor(), wake_slot, EPOLLIN, true);
}

EventLoop::~EventLoop() {
  mailbox_->close();
  // A protocol's end may drop replies, and those look for their connection: none is there now.
  for (Slot& slot : slots_) {
    if (!slot.connection) continue;
    const std::unique_ptr<Connection> gone = std::move(slot.connection);
    shared_.budget->release(gone->peer()->address);
    shared_.counters->open--;
  }
}

void EventLoop::watch(int descriptor, std::uint64_t tag, std::uint32_t events, bool first) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  const int what = first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (::epoll_ctl(epoll_.get(), what, descriptor, &event) != 0) {
    throw std::system_error{errno, std::generic_category(), "epoll_ctl"};
  }
}

// An exception in a protocol is a bug: the one connection ends, somebody is told, the others go on.
template <class Work>
void EventLoop::guarded(Connection* connection, Work&& work) {
  try {
    work();
  } catch (const std::exception& fault) {
    report_fault(fault.what());
    if (connection != nullptr) connection->close();
  }
}

void EventLoop::report_fault(const char* what) {
  shared_.counters->faults++;
  if (shared_.on_fault) shared_.on_fault(what);
}

void EventLoop::add_listener(Descriptor listener, std::shared_ptr<const Door> door) {
  const std::uint64_t tag = first_listener_slot + listeners_.size();
  watch(listener.get(), tag, EPOLLIN, true);
  listeners_.push_back({std::move(listener), std::move(door)});
}

void EventLoop::run() {
  mailbox_->open(*this);
  while (!stopping_.load(std::memory_order_relaxed)) turn();
  mailbox_->close();
}

void EventLoop::stop() {
  mailbox_->post([this] { stopping_ = true; });
}

void EventLoop::turn() {
  std::array<epoll_event, events_per_turn> events;
  const int timeout = wait_for(steady_now(), std::min(timers_.next(), drain_until_));
  const int count = ::epoll_wait(epoll_.get(), events.data(), events_per_turn, timeout);
  now_ = steady_now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    dispatch(event.data.u64, event.events);
  }
  run_timers();
  bury();
  if (!draining_) return;
  if (now_ >= drain_until_) {
    for (Slot& slot : slots_) {
      if (slot.connection) slot.connection->close();
    }
    bury();
  }
  if (open_ == 0) stopping_ = true;
}

void EventLoop::dispatch(std::uint64_t tag, std::uint32_t events) {
  const std::uint32_t slot = slot_of(tag);
  if (slot == wake_slot) return run_tasks();
  if (slot >= first_listener_slot) return accept_from(slot - first_listener_slot);
  Connection* const connection = find(tag);
  if (connection == nullptr) return;  // it ended earlier in this turn
  guarded(connection, [&] { connection->on_events(events); });
}

void EventLoop::run_tasks() {
  for (Task& task : mailbox_->take()) guarded(nullptr, task);
}

void EventLoop::run_timers() {
  while (auto due = timers_.take(now_)) {
    if (due->task) {
      guarded(nullptr, due->task);
    } else if (Connection* const connection = find(*due->token)) {
      guarded(connection, [&] { connection->on_reminder(now_); });
    }
  }
}

// Connections end here, outside their own functions. Ending one may end others: until none is left.
void EventLoop::bury() {
  while (!doomed_.empty()) {
    for (const ConnectionId id : std::exchange(doomed_, {})) {
      Slot& slot = slots_[slot_of(id)];
      const std::unique_ptr<Connection> gone = std::move(slot.connection);
      ++slot.generation;
      free_slots_.push_back(slot_of(id));
      --open_;
      shared_.counters->open--;
      shared_.budget->release(gone->peer()->address);
    }
  }
}

Connection* EventLoop::find(ConnectionId id) const noexcept {
  const std::uint32_t slot = slot_of(id);
  if (slot >= slots_.size()) return nullptr;
  Connection* const connection = slots_[slot].connection.get();
  return connection != nullptr && connection->id() == id && !connection->closed_ ? connection
                                                                                 : nullptr;
}

Protocol* EventLoop::find_protocol(ConnectionId id) const noexcept {
  const Connection* const connection = find(id);
  return connection == nullptr ? nullptr : connection->protocol_.get();
}

TimerQueue::Token EventLoop::run_after(Milliseconds delay, Task task) {
  return timers_.run_at(steady_now() + delay, std::move(task));
}

void EventLoop::rest(std::size_t index) {
  shared_.counters->accept_failed++;
  listeners_[index].resting = true;
  watch(listeners_[index].socket.get(), first_listener_slot + index, 0, false);
  run_after(rest_time, [this, index] {
    if (index >= listeners_.size()) return;  // a drain has closed it meanwhile
    listeners_[index].resting = false;
    watch(listeners_[index].socket.get(), first_listener_slot + index, EPOLLIN, false);
  });
}

void EventLoop::accept_from(std::size_t index) {
  if (index >= listeners_.size()) return;
  const std::shared_ptr<const Door> door = listeners_[index].door;
  for (int i = 0; i < accepts_per_turn; ++i) {
    Accepted next = accept_one(listeners_[index].socket.get());
    if (next.state == AcceptState::none) return;
    if (next.state == AcceptState::exhausted) return rest(index);
    if (next.state == AcceptState::gone) continue;
    auto peer = std::make_shared<Peer>();
    peer->address = std::move(next.address);
    peer->port = next.port;
    peer->listener = door->name;
    peer->encrypted = door->tls != nullptr;
    guarded(nullptr, [&] { admit(std::move(next.socket), std::move(peer), door); });
  }
}

void EventLoop::admit(Descriptor socket, std::shared_ptr<Peer> peer,
                      const std::shared_ptr<const Door>& door) {
  const auto verdict = shared_.budget->admit(peer->address);
  if (verdict != ConnectionBudget::Verdict::admitted) {
    const bool total = verdict == ConnectionBudget::Verdict::total_reached;
    (total ? shared_.counters->refused_total : shared_.counters->refused_peer)++;
    if (!door->tls) send_once(socket.get(), door->refusal);
    return;
  }
  if (free_slots_.empty()) {
    slots_.emplace_back();
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  const ConnectionId id = (ConnectionId{slots_[index].generation} << 32U) | index;

  Connection::Parts parts{id, std::move(socket), {}, std::move(peer), door->limits};
  if (door->tls) parts.tls = door->tls->accept(parts.socket.get());
  auto connection = std::make_unique<Connection>(*this, std::move(parts));
  connection->attach(door->protocol(*connection));
  Connection* const opened = connection.get();
  slots_[index].connection = std::move(connection);
  ++open_;
  shared_.counters->accepted++;
  shared_.counters->open++;
  guarded(opened, [&] { opened->start(); });
  if (draining_) opened->drain();
}

void EventLoop::drain(Milliseconds at_most) {
  if (draining_) return;
  // Who is already in the kernel's queue was told "connected": serve, do not reset.
  for (std::size_t i = 0; i < listeners_.size(); ++i) accept_from(i);
  listeners_.clear();
  draining_ = true;
  drain_until_ = steady_now() + at_most;
  for (Slot& slot : slots_) {
    Connection* const connection = slot.connection.get();
    if (connection != nullptr) guarded(connection, [&] { connection->drain(); });
  }
}

}  // namespace cpis::net
