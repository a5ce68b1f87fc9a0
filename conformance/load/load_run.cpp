#include "conformance/load/load_run.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace cpis::load {

namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;

constexpr int events_per_turn = 256;
constexpr std::size_t read_bytes = std::size_t{64} * 1024;
constexpr std::chrono::seconds last_answers_time{5};
constexpr std::uint64_t reconnects_max = 100'000;

struct Pending {
  std::uint64_t number;
  Moment due;
  bool counted;
};

struct Client {
  int socket = -1;
  std::string out;
  std::string in;
  std::deque<Pending> pending;
  bool waits_to_write = false;
};

class Run {
 public:
  explicit Run(const Plan& plan)
      : plan_{plan}, epoll_{::epoll_create1(EPOLL_CLOEXEC)}, clients_(plan.connections) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    for (Client& client : clients_) close_socket(client);
    ::close(epoll_);
  }

  Result<Outcome> run();

 private:
  bool connect(std::size_t index);
  void close_socket(Client& client);
  void reconnect(std::size_t index);
  void start_due(Moment now);
  bool may_start(const Client& client, Moment now) const;
  void start_one(std::size_t index, Moment due);
  void flush(std::size_t index);
  void read(std::size_t index);
  void take_answers(std::size_t index);
  void watch(std::size_t index, bool writing, int what);
  int wait_ms(Moment now) const;

  const Plan& plan_;
  const int epoll_;
  std::vector<Client> clients_;
  Outcome outcome_;
  Moment start_;  ///< of the counted part
  Moment end_;
  Moment first_due_;
  std::uint64_t started_ = 0;
  std::size_t next_client_ = 0;
  bool stopping_ = false;
  std::array<char, read_bytes> buffer_{};
};

bool Run::connect(std::size_t index) {
  Client& client = clients_[index];
  client.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(plan_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(client.socket, to, sizeof address) != 0) {
    close_socket(client);
    return false;
  }
  const int one = 1;
  ::setsockopt(client.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  watch(index, false, EPOLL_CTL_ADD);
  return true;
}

void Run::watch(std::size_t index, bool writing, int what) {
  epoll_event event{};
  event.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = index;
  ::epoll_ctl(epoll_, what, clients_[index].socket, &event);
  clients_[index].waits_to_write = writing;
}

void Run::close_socket(Client& client) {
  if (client.socket >= 0) ::close(std::exchange(client.socket, -1));
}

void Run::reconnect(std::size_t index) {
  Client& client = clients_[index];
  close_socket(client);
  outcome_.lost += client.pending.size();
  client.pending.clear();
  client.in.clear();
  client.out.clear();
  if (stopping_ || ++outcome_.reconnects > reconnects_max) return;
  connect(index);
}

bool Run::may_start(const Client& client, Moment now) const {
  const bool all_started = plan_.requests_max > 0 && started_ >= plan_.requests_max;
  return client.socket >= 0 && !all_started && now < end_ && client.pending.size() < plan_.window;
}

void Run::start_one(std::size_t index, Moment due) {
  Client& client = clients_[index];
  const std::uint64_t number = started_++;
  client.out += plan_.request(number);
  client.pending.push_back({number, due, due >= start_});
  flush(index);
}

// With a rate: whatever is due by now, on the connections in turn, as far as their windows allow.
void Run::start_due(Moment now) {
  if (plan_.rate <= 0) return;
  const std::chrono::duration<double> step{1.0 / plan_.rate};
  std::size_t without = 0;
  while (without < clients_.size()) {
    const auto offset =
        std::chrono::duration_cast<SteadyClock::duration>(step * static_cast<double>(started_));
    const Moment due = first_due_ + offset;
    if (due > now || due >= end_) return;
    const std::size_t index = next_client_++ % clients_.size();
    if (may_start(clients_[index], now)) {
      start_one(index, due);
      without = 0;
    } else {
      ++without;
    }
  }
}

void Run::flush(std::size_t index) {
  Client& client = clients_[index];
  if (client.out.empty() || client.socket < 0) return;
  const auto sent =
      ::send(client.socket, client.out.data(), client.out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) client.out.erase(0, static_cast<std::size_t>(sent));
  const bool waiting = !client.out.empty();
  if (waiting != client.waits_to_write) watch(index, waiting, EPOLL_CTL_MOD);
}

void Run::read(std::size_t index) {
  Client& client = clients_[index];
  const auto got = ::recv(client.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return reconnect(index);
  client.in.append(buffer_.data(), static_cast<std::size_t>(got));
  take_answers(index);
}

void Run::take_answers(std::size_t index) {
  Client& client = clients_[index];
  const Moment now = SteadyClock::now();
  std::size_t used = 0;
  while (!client.pending.empty()) {
    const Answer answer = read_answer(plan_.wire, std::string_view{client.in}.substr(used));
    if (answer.state == Answer::State::broken) return reconnect(index);
    if (answer.state == Answer::State::partial) break;
    used += answer.bytes;
    const Pending pending = client.pending.front();
    client.pending.pop_front();
    if (pending.counted && now <= end_) {
      const bool good =
          answer.good && (!plan_.check || plan_.check(pending.number, answer.content));
      ++(good ? outcome_.good : outcome_.bad);
      outcome_.latency.add(now - pending.due);
    }
    if (answer.closing) return reconnect(index);
    if (plan_.rate <= 0 && may_start(client, now)) start_one(index, now);
  }
  client.in.erase(0, used);
}

int Run::wait_ms(Moment now) const {
  if (plan_.rate > 0 && !stopping_) return 1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 1, 50));
}

Result<Outcome> Run::run() {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    if (!connect(i)) return Error{ErrorKind::unavailable, "nobody listens on that port"};
  }
  first_due_ = SteadyClock::now();
  start_ = first_due_ + plan_.warm_up;
  end_ = start_ + plan_.duration;
  if (plan_.rate <= 0) {
    for (std::size_t turn = 0; turn < plan_.window; ++turn) {
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        if (may_start(clients_[i], first_due_)) start_one(i, SteadyClock::now());
      }
    }
  }
  std::array<epoll_event, events_per_turn> events;
  Moment now = SteadyClock::now();
  const auto waiting = [this] {
    return std::ranges::any_of(clients_, [](const Client& c) { return !c.pending.empty(); });
  };
  while (now < end_ + last_answers_time) {
    const bool all_started = plan_.requests_max > 0 && started_ >= plan_.requests_max;
    stopping_ = now >= end_ || all_started;
    if (stopping_ && !waiting()) break;
    start_due(now);
    const int count = ::epoll_wait(epoll_, events.data(), events_per_turn, wait_ms(now));
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const auto index = static_cast<std::size_t>(event.data.u64);
      if ((event.events & EPOLLOUT) != 0) flush(index);
      if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(index);
    }
    now = SteadyClock::now();
  }
  for (const Client& client : clients_) outcome_.lost += client.pending.size();
  const Moment last = std::min(now, end_);
  outcome_.seconds = std::chrono::duration<double>(last - start_).count();
  return outcome_;
}

std::string in_ms(Nanoseconds duration) {
  const auto hundredths = duration.count() / 10'000;
  std::string decimals = std::to_string(hundredths % 100);
  decimals.insert(0, 2 - decimals.size(), '0');
  return std::to_string(hundredths / 100) + "." + decimals;
}

}  // namespace

Result<Outcome> run(const Plan& plan) {
  if (plan.connections == 0 || plan.window == 0 || !plan.request) {
    return Error{ErrorKind::bad_input, "a plan needs connections, a window and requests"};
  }
  return std::make_unique<Run>(plan)->run();
}

std::string summary(const Outcome& outcome) {
  std::string text = std::to_string(std::llround(outcome.per_second())) + "/s";
  const std::pair<const char*, double> marks[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
  for (const auto& [name, fraction] : marks) {
    text += std::string{"  "} + name + " " + in_ms(outcome.latency.at(fraction)) + " ms";
  }
  text += "  longest " + in_ms(outcome.latency.longest()) + " ms";
  if (outcome.bad > 0) text += "  bad " + std::to_string(outcome.bad);
  if (outcome.lost > 0) text += "  lost " + std::to_string(outcome.lost);
  if (outcome.reconnects > 0) text += "  reconnects " + std::to_string(outcome.reconnects);
  return text;
}

}  // namespace cpis::load
