#include "gateway/mllp/mllp_client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "adapters/hl7v2/mllp_framer.h"
#include "gateway/net/clock.h"
#include "gateway/net/descriptor.h"

namespace cpis::mllp {

using net::IoResult;
using net::IoState;
using net::SteadyTime;

namespace {

constexpr std::size_t addresses_max = 4;
constexpr std::size_t read_bytes = std::size_t{16} * 1024;

Error away(std::string_view what) { return {ErrorKind::unavailable, "MLLP: " + std::string{what}}; }
Error late() { return {ErrorKind::timeout, "MLLP: no answer in time"}; }

bool wait_for(int descriptor, short events, SteadyTime until) {
  while (true) {
    const auto left = std::chrono::ceil<net::Milliseconds>(until - net::steady_now()).count();
    if (left <= 0) return false;
    pollfd entry{descriptor, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

net::Descriptor connect_one(const addrinfo& address, SteadyTime until) {
  net::Descriptor socket{
      ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
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
  return problem == 0 ? std::move(socket) : net::Descriptor{};
}

net::Descriptor connect_any(const std::string& host, std::uint16_t port, SteadyTime until) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
  std::size_t tried = 0;
  for (const addrinfo* at = list; at != nullptr && tried < addresses_max; at = at->ai_next) {
    ++tried;
    if (net::Descriptor socket = connect_one(*at, until); socket.valid()) return socket;
  }
  return {};
}

}  // namespace

/// One open connection.
class MllpClient::Link {
 public:
  Link(net::Descriptor socket, std::unique_ptr<net::TlsStream> tls, std::size_t answer_bytes_max)
      : socket_{std::move(socket)}, tls_{std::move(tls)}, framer_{{answer_bytes_max}} {}

  bool shake_hands(SteadyTime until) {
    while (tls_) {
      const IoState state = tls_->shake_hands();
      if (state == IoState::moved) break;
      if (!wait(state, until)) return false;
    }
    return true;
  }
  /// An idle connection on which something arrived was closed, or is out of step.
  bool usable() const {
    pollfd entry{socket_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 0;
  }
  Status write(std::string_view bytes, SteadyTime until) {
    while (!bytes.empty()) {
      const IoResult wrote = write_some(bytes);
      bytes.remove_prefix(wrote.bytes);
      if (wrote.state == IoState::moved) continue;
      if (!wait(wrote.state, until)) return away("the connection ended");
    }
    return done;
  }
  Result<std::string> read(SteadyTime until) {
    std::array<char, read_bytes> room{};
    while (true) {
      const IoResult got = read_some(room.data(), room.size());
      if (got.state == IoState::moved) {
        framer_.push({room.data(), got.bytes});
        const auto message = framer_.next();
        if (!message) return Error{ErrorKind::bad_input, message.error().message};
        if (*message) return std::string{**message};
        continue;
      }
      if (got.state == IoState::ended || got.state == IoState::failed) {
        return away("closed without an answer");
      }
      if (!wait(got.state, until)) return late();
    }
  }

 private:
  bool wait(IoState state, SteadyTime until) const {
    if (state != IoState::wait_read && state != IoState::wait_write) return false;
    return wait_for(socket_.get(), state == IoState::wait_read ? POLLIN : POLLOUT, until);
  }
  IoResult write_some(std::string_view bytes) {
    if (tls_) return tls_->write(bytes);
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {IoState::moved, static_cast<std::size_t>(sent)};
    return {errno == EAGAIN || errno == EINTR ? IoState::wait_write : IoState::failed};
  }
  IoResult read_some(char* into, std::size_t room) {
    if (tls_) return tls_->read(into, room);
    const auto got = ::recv(socket_.get(), into, room, 0);
    if (got > 0) return {IoState::moved, static_cast<std::size_t>(got)};
    if (got == 0) return {IoState::ended};
    return {errno == EAGAIN || errno == EINTR ? IoState::wait_read : IoState::failed};
  }

  net::Descriptor socket_;
  std::unique_ptr<net::TlsStream> tls_;
  hl7v2::MllpFramer framer_;
};

MllpClient::MllpClient(MllpClientSettings settings, std::shared_ptr<net::TlsConnector> connector)
    : settings_{std::move(settings)}, connector_{std::move(connector)} {}
MllpClient::~MllpClient() = default;

Result<std::unique_ptr<MllpClient>> MllpClient::open(MllpClientSettings settings) {
  std::shared_ptr<net::TlsConnector> connector;
  if (settings.encrypted) {
    auto opened = net::TlsConnector::open(settings.tls);
    if (!opened) return opened.error();
    connector = *std::move(opened);
  }
  std::unique_ptr<MllpClient> client;
  client.reset(new MllpClient{std::move(settings), std::move(connector)});
  return client;
}

Result<std::unique_ptr<MllpClient::Link>> MllpClient::connect() const {
  const SteadyTime until = net::steady_now() + settings_.connect_time;
  net::Descriptor socket = connect_any(settings_.host, settings_.port, until);
  if (!socket.valid()) return away("no connection");
  std::unique_ptr<net::TlsStream> tls;
  if (connector_) {
    auto stream = connector_->connect(socket.get(), settings_.host);
    if (!stream) return stream.error();
    tls = *std::move(stream);
  }
  auto link = std::make_unique<Link>(std::move(socket), std::move(tls), settings_.answer_bytes_max);
  if (!link->shake_hands(until)) return away("the TLS handshake failed");
  return link;
}

Result<std::string> MllpClient::send(std::string_view message) {
  if (link_ && !link_->usable()) link_.reset();
  if (!link_) {
    auto connected = connect();
    if (!connected) return connected.error();
    link_ = *std::move(connected);
  }
  const SteadyTime until = net::steady_now() + settings_.answer_time;
  const Status written = link_->write(hl7v2::mllp_frame(message), until);
  Result<std::string> answer = written ? link_->read(until) : Result<std::string>{written.error()};
  if (!answer) link_.reset();
  return answer;
}

}  // namespace cpis::mllp
