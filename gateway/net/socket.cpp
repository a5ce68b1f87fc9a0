#include "gateway/net/socket.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "gateway/net/limits.h"

namespace cpis::net {

namespace {

// Engines keep connections open for hours; a peer that vanished is noticed after about 3 minutes.
constexpr int keepalive_idle_s = 120;
constexpr int keepalive_interval_s = 20;
constexpr int keepalive_probes = 3;

void set_option(int descriptor, int level, int option, int value) {
  // Tuning only: a kernel without one of these still serves.
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

std::string place(const Endpoint& endpoint) {
  return endpoint.host + ":" + std::to_string(endpoint.port);
}

Error error_for(const Endpoint& endpoint, const char* what) {
  const std::string why = std::generic_category().message(errno);
  return {ErrorKind::unavailable, std::string{what} + " " + place(endpoint) + ": " + why};
}

std::optional<Poco::Net::SocketAddress> resolve(const Endpoint& endpoint) {
  try {
    return Poco::Net::SocketAddress{endpoint.host, endpoint.port};
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

Result<Descriptor> bind_to(const Endpoint& endpoint, bool shared) {
  const auto address = resolve(endpoint);
  if (!address) {
    return Error{ErrorKind::bad_input, "listening address is not one of ours: " + endpoint.host};
  }
  Descriptor socket{::socket(address->af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.valid()) return error_for(endpoint, "cannot open a socket for");
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (shared) set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (::bind(socket.get(), address->addr(), address->length()) != 0) {
    return error_for(endpoint, "cannot listen on");
  }
  return socket;
}

void describe(const sockaddr_storage& from, Accepted& accepted) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    accepted.port = ntohs(v4.sin_port);
    accepted.address = text.data();
    return;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  accepted.port = ntohs(v6.sin6_port);
  const std::string_view written = text.data();
  constexpr std::string_view mapped = "::ffff:";
  const bool is_v4 = written.starts_with(mapped) && written.find('.') != std::string_view::npos;
  accepted.address = is_v4 ? written.substr(mapped.size()) : written;
}

}  // namespace

Result<Descriptor> open_listener(const Endpoint& endpoint) {
  Result<Descriptor> socket = bind_to(endpoint, true);
  if (!socket) return socket;
  if (::listen(socket->get(), listen_backlog) != 0) return error_for(endpoint, "cannot listen on");
  return socket;
}

Status check_port_free(const Endpoint& endpoint) {
  if (endpoint.port == 0) return done;
  const Result<Descriptor> socket = bind_to(endpoint, false);
  if (!socket) return socket.error();
  return done;
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
  return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
}

Accepted accept_one(int listener) {
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  Descriptor socket{::accept4(listener, reinterpret_cast<sockaddr*>(&from), &length,
                              SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!socket.valid()) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {AcceptState::none};
    const bool exhausted =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    return {exhausted ? AcceptState::exhausted : AcceptState::gone};
  }
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
  set_option(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
  set_option(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
  Accepted accepted{AcceptState::accepted, std::move(socket)};
  describe(from, accepted);
  return accepted;
}

void send_once(int descriptor, std::string_view bytes) {
  if (bytes.empty()) return;
  [[maybe_unused]] const auto sent =
      ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace cpis::net
