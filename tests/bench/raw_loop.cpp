#include "tests/bench/raw_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>

namespace cpis::bench {

namespace {

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

RawLoop::RawLoop(std::string_view request_end, std::string answer)
    : request_end_{request_end},
      answer_{std::move(answer)},
      listener_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)},
      stop_{::eventfd(0, EFD_CLOEXEC)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  ::bind(listener_, where, length);
  ::listen(listener_, 4096);
  ::getsockname(listener_, where, &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

RawLoop::~RawLoop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_, &one, sizeof one);
  thread_.join();
  ::close(listener_);
  ::close(stop_);
}

void RawLoop::serve() {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener_);
  watch(epoll, stop_);
  std::map<int, std::string> rest;  // of requests that came in pieces
  std::array<epoll_event, 256> events;
  std::string out;
  std::string buffer(std::size_t{64} * 1024, '\0');
  for (bool going = true; going;) {
    const int count = ::epoll_wait(epoll, events.data(), 256, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == stop_) going = false;
      if (fd == stop_) continue;
      if (fd == listener_) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        const int one = 1;
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (client >= 0) watch(epoll, client);
        continue;
      }
      const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        rest.erase(fd);
        ::close(fd);
        continue;
      }
      std::string& held = rest[fd];
      held.append(buffer.data(), static_cast<std::size_t>(got));
      out.clear();
      std::size_t used = 0;
      for (std::size_t at = 0; (at = held.find(request_end_, used)) != std::string::npos;) {
        used = at + request_end_.size();
        out += answer_;
      }
      held.erase(0, used);
      if (!out.empty()) ::send(fd, out.data(), out.size(), MSG_NOSIGNAL);
    }
  }
  for (const auto& [fd, bytes] : rest) ::close(fd);
  ::close(epoll);
}

}  // namespace cpis::bench
