#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cpis::http {

/// Opcodes of RFC 6455, 5.2.
enum class WebsocketOpcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// What a server reads from a client: a whole message, or a control frame.
struct WebsocketMessage {
  WebsocketOpcode opcode = WebsocketOpcode::text;  ///< never `continuation`
  std::string payload;                             ///< of a close: its reason
  int close_code = 0;                              ///< of a close: 1005 when it has none
};

/// Status codes of RFC 6455, 7.4.1 that are ours to send.
inline constexpr int websocket_normal = 1000;
inline constexpr int websocket_going_away = 1001;
inline constexpr int websocket_protocol_error = 1002;
inline constexpr int websocket_no_code = 1005;
inline constexpr int websocket_bad_text = 1007;
inline constexpr int websocket_policy = 1008;
inline constexpr int websocket_too_big = 1009;

/// Reads the frames of a client (RFC 6455, 5) as they come, in pieces of any size: unmasks, joins
/// fragments, checks text to be UTF-8. A value without a socket; one for each connection.
///
/// Refused: frames without a mask, reserved bits and opcodes, lengths not in their shortest form,
/// control frames that are fragmented or longer than 125 bytes, a continuation of nothing, a new
/// message inside another, close codes that may not be sent, and messages of more than
/// `message_bytes_max` in all. What follows a failure is not read.
class WebsocketReader {
 public:
  explicit WebsocketReader(std::size_t message_bytes_max) : message_bytes_max_{message_bytes_max} {}

  /// Appends what is whole now. False once the client broke the rules: `failure` says which.
  bool feed(std::string_view bytes, std::vector<WebsocketMessage>& messages);
  /// The close code for it; 0: none.
  int failure() const noexcept { return failure_; }

 private:
  bool take_head();
  bool take_payload(std::string_view& bytes);
  bool finish_frame(std::vector<WebsocketMessage>& messages);
  bool finish_control(std::vector<WebsocketMessage>& messages);
  bool fail(int code);

  std::size_t message_bytes_max_;
  std::string head_;  ///< of a frame whose head is not whole
  bool in_payload_ = false;
  bool final_ = false;
  WebsocketOpcode opcode_ = WebsocketOpcode::text;
  std::uint64_t length_ = 0;  ///< of the payload
  std::uint64_t taken_ = 0;
  unsigned char mask_[4] = {};
  std::string control_;
  std::string message_;
  WebsocketOpcode message_opcode_ = WebsocketOpcode::continuation;  ///< that: none is open
  int failure_ = 0;
};

/// Adds one whole frame as a server sends it: unmasked, never fragmented.
void append_websocket_frame(std::string& out, WebsocketOpcode opcode, std::string_view payload);
/// The payload of a close frame.
std::string websocket_close_payload(int code, std::string_view reason);

/// The answer to a client's Sec-WebSocket-Key (RFC 6455, 4.2.2); empty when it is none.
std::string websocket_accept(std::string_view key);

}  // namespace cpis::http
