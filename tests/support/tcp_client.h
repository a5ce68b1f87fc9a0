#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cpis::test {

/// Waits until `condition` holds, looking often at first and then a hundred times a second; false
/// after a minute: no machine is that slow, and whatever has not come by then does not come.
bool eventually(const std::function<bool()>& condition);

/// A plain client for tests, on 127.0.0.1. Every wait ends after a minute and fails the test.
class TcpClient {
 public:
  explicit TcpClient(std::uint16_t port);
  TcpClient(TcpClient&& other) noexcept;
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;
  ~TcpClient();

  void send(std::string_view bytes);
  /// As much as goes out without waiting; how much that was.
  std::size_t send_some(std::string_view bytes);
  /// Ends our side; the server's answers can still be read.
  void end();
  /// Resets the connection.
  void reset();

  /// Reads until `wanted` bytes are there, and returns exactly those.
  std::string read(std::size_t wanted);
  /// Reads up to and with the first `mark`.
  std::string read_until(std::string_view mark);
  /// Everything until the server ends the connection.
  std::string read_to_end();
  /// One HTTP answer with Content-Length: header and body.
  std::string read_answer();
  /// One MLLP message without its framing.
  std::string read_message();
  /// What one recv gives, for tests about how answers are written.
  std::string read_once();
  /// Whether nothing more has arrived so far.
  bool quiet();

 private:
  bool fill();
  int fd_;
  std::string buffer_;
};

}  // namespace cpis::test
