#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace cpis::test {

/// A client of a program that is killed while it is being asked: where the other clients of tests
/// would fail the test, this one throws Poco::Exception, and its round is over.
class MortalClient {
 public:
  explicit MortalClient(int port)
      : socket_{Poco::Net::SocketAddress{"127.0.0.1", static_cast<Poco::UInt16>(port)}} {
    socket_.setReceiveTimeout(Poco::Timespan{60, 0});
  }
  void send(const std::string& bytes) {
    socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
  }
  /// What comes up to and with `mark`.
  std::string read_until(std::string_view mark) {
    std::string got;
    while (got.find(mark) == std::string::npos) receive(got);
    return got;
  }
  /// One HTTP answer with Content-Length.
  std::string read_answer() {
    constexpr std::string_view length_name = "Content-Length: ";
    std::string got = read_until("\r\n\r\n");
    const std::size_t body = got.find("\r\n\r\n") + 4;
    const std::size_t at = got.find(length_name);
    if (at == std::string::npos || at > body) throw Poco::IOException{"no length"};
    const std::size_t length = std::stoul(got.substr(at + length_name.size(), 10));
    while (got.size() < body + length) receive(got);
    return got;
  }

 private:
  void receive(std::string& got) {
    std::array<char, 8192> part{};
    const int count = socket_.receiveBytes(part.data(), part.size());
    if (count <= 0) throw Poco::IOException{"the gateway has gone"};
    got.append(part.data(), static_cast<std::size_t>(count));
  }
  Poco::Net::StreamSocket socket_;
};

}  // namespace cpis::test
