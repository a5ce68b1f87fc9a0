#include "gateway/net/blocking_link.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cpis::net {
namespace {

constexpr std::size_t addresses_max = 4;
constexpr std::int64_t one_wait_max = 60'000;  // milliseconds

bool wait_for(int descriptor, short events, SteadyTime until) {
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(until - steady_now()).count();
    if (left <= 0) return false;
    pollfd entry{descriptor, events, 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, one_wait_max)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Descriptor connect_one(const addrinfo& address, SteadyTime until) {
  Descriptor socket{::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.valid()) return {};
  const int one = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  int problem = errno;
  socklen_t length = sizeof problem;
  if (problem == EINPROGRESS) {
    if (!wait_for(socket.get(), POLLOUT, until)) return {};
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &length);
  }
  return problem == 0 ? std::move(socket) : Descriptor{};
}

Descriptor connect_any(const BlockingLink::To& to, SteadyTime until) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &wanted, &list) != 0) {
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
  std::size_t tried = 0;
  for (const addrinfo* at = list; at != nullptr && tried < addresses_max; at = at->ai_next) {
    ++tried;
    if (Descriptor socket = connect_one(*at, until); socket.valid()) return socket;
  }
  return {};
}

bool waits(IoState state) { return state == IoState::wait_read || state == IoState::wait_write; }

}  // namespace

Result<std::unique_ptr<BlockingLink>> BlockingLink::open(const To& to, TlsConnector* connector,
                                                         SteadyTime until) {
  Descriptor socket = connect_any(to, until);
  if (!socket.valid()) return Error{ErrorKind::unavailable, "cannot connect to " + to.host};
  std::unique_ptr<TlsStream> tls;
  if (connector != nullptr) {
    auto stream = connector->connect(socket.get(), to.host);
    if (!stream) return stream.error();
    tls = *std::move(stream);
  }
  std::unique_ptr<BlockingLink> link;
  link.reset(new BlockingLink{std::move(socket), std::move(tls)});
  if (!link->shake_hands(until)) {
    const std::string why = link->tls_->verification_problem();
    return Error{ErrorKind::unavailable,
                 "no TLS with " + to.host + (why.empty() ? "" : ": ") + why};
  }
  return link;
}

bool BlockingLink::shake_hands(SteadyTime until) {
  while (tls_) {
    const IoState state = tls_->shake_hands();
    if (state == IoState::moved) return true;
    if (!waits(state) || !wait(state, until)) return false;
  }
  return true;
}

bool BlockingLink::write_all(std::string_view bytes, SteadyTime until) {
  while (!bytes.empty()) {
    const IoResult sent = write_once(bytes);
    bytes.remove_prefix(sent.bytes);
    if (sent.state == IoState::moved) continue;
    if (!waits(sent.state) || !wait(sent.state, until)) return false;
  }
  return true;
}

IoResult BlockingLink::read_some(char* into, std::size_t room, SteadyTime until) {
  while (true) {
    const IoResult got = read_once(into, room);
    if (!waits(got.state)) return got;
    if (!wait(got.state, until)) return {IoState::wait_read};
  }
}

bool BlockingLink::usable() const {
  pollfd entry{socket_.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;
}

bool BlockingLink::wait(IoState state, SteadyTime until) const {
  return wait_for(socket_.get(), state == IoState::wait_read ? POLLIN : POLLOUT, until);
}

IoResult BlockingLink::write_once(std::string_view bytes) {
  if (tls_) return tls_->write(bytes);
  const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {IoState::moved, static_cast<std::size_t>(sent)};
  return {errno == EAGAIN || errno == EINTR ? IoState::wait_write : IoState::failed};
}

IoResult BlockingLink::read_once(char* into, std::size_t room) {
  if (tls_) return tls_->read(into, room);
  const auto got = ::recv(socket_.get(), into, room, 0);
  if (got > 0) return {IoState::moved, static_cast<std::size_t>(got)};
  if (got == 0) return {IoState::ended};
  return {errno == EAGAIN || errno == EINTR ? IoState::wait_read : IoState::failed};
}

}  // namespace cpis::net
