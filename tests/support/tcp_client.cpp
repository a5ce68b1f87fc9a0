#include "tests/support/tcp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace cpis::test {

namespace {

constexpr int wait_ms = 60'000;
// Whoever looks all the time takes the processor from what is waited for.
constexpr int longest_pause_ms = 10;

bool wait_for(int fd, short events, int timeout_ms) {
  pollfd entry{fd, events, 0};
  return ::poll(&entry, 1, timeout_ms) == 1;
}

// Clients are used by many threads, and Boost.Test's macros are for one.
void demand(bool held, const char* otherwise) {
  if (!held) throw std::runtime_error{otherwise};
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{wait_ms};
  for (int pause_ms = 1; !condition(); pause_ms = std::min(pause_ms * 2, longest_pause_ms)) {
    if (std::chrono::steady_clock::now() > until) return false;
    ::poll(nullptr, 0, pause_ms);
  }
  return true;
}

TcpClient::TcpClient(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int one = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  demand(::connect(fd_, to, sizeof address) == 0, "no connection");
}

TcpClient::TcpClient(TcpClient&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, buffer_{std::move(other.buffer_)} {}

TcpClient::~TcpClient() {
  if (fd_ >= 0) ::close(fd_);
}

void TcpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else {
      demand(errno == EAGAIN, "the server does not read");
      demand(wait_for(fd_, POLLOUT, wait_ms), "the server does not read");
    }
  }
}

std::size_t TcpClient::send_some(std::string_view bytes) {
  const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void TcpClient::end() { ::shutdown(fd_, SHUT_WR); }

void TcpClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

bool TcpClient::fill() {
  demand(wait_for(fd_, POLLIN, wait_ms), "the server says nothing");
  std::array<char, 65536> piece{};
  const auto got = ::recv(fd_, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

std::string TcpClient::read(std::size_t wanted) {
  while (buffer_.size() < wanted) demand(fill(), "the server has ended");
  std::string bytes = buffer_.substr(0, wanted);
  buffer_.erase(0, wanted);
  return bytes;
}

std::string TcpClient::read_until(std::string_view mark) {
  std::size_t at = 0;
  while ((at = buffer_.find(mark)) == std::string::npos) {
    demand(fill(), "the server has ended");
  }
  return read(at + mark.size());
}

std::string TcpClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::string TcpClient::read_answer() {
  const std::string header = read_until("\r\n\r\n");
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = header.find(name);
  if (at == std::string::npos) return header;
  return header + read(std::stoul(header.substr(at + name.size())));
}

std::string TcpClient::read_message() {
  demand(read(1) == "\x0B", "an answer that is no frame");
  const std::string message = read_until("\x1C\x0D");
  return message.substr(0, message.size() - 2);
}

std::string TcpClient::read_once() {
  demand(buffer_.empty(), "more came than was asked for");
  demand(fill(), "the server has ended");
  return std::exchange(buffer_, {});
}

bool TcpClient::quiet() { return buffer_.empty() && !wait_for(fd_, POLLIN, 0); }

}  // namespace cpis::test
