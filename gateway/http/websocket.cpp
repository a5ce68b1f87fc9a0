#include "gateway/http/websocket.h"

#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <utility>

#include "adapters/core/base64url.h"

namespace cpis::http {
namespace {

constexpr std::size_t control_bytes_max = 125;
constexpr unsigned final_bit = 0x80;
constexpr unsigned reserved_bits = 0x70;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned length_of_16 = 126;
constexpr unsigned length_of_64 = 127;
constexpr std::size_t mask_bytes = 4;
constexpr std::string_view key_end = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_control(WebsocketOpcode opcode) { return static_cast<unsigned>(opcode) >= 8; }

bool is_opcode(unsigned value) { return value <= 2 || (value >= 8 && value <= 10); }

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8U | byte_at(bytes, i);
  return value;
}

// Unicode 15, table 3-7: neither overlong forms nor surrogates.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned first = byte_at(text, i);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t more = first >= 0xF0 ? 3U : first >= 0xE0 ? 2U : 1U;
    if (first < 0xC2 || first > 0xF4 || text.size() - i <= more) return false;
    const unsigned second = byte_at(text, i + 1);
    const unsigned least = first == 0xE0 ? 0xA0U : first == 0xF0 ? 0x90U : 0x80U;
    const unsigned most = first == 0xED ? 0x9FU : first == 0xF4 ? 0x8FU : 0xBFU;
    if (second < least || second > most) return false;
    for (std::size_t k = 2; k <= more; ++k) {
      if ((byte_at(text, i + k) & 0xC0U) != 0x80U) return false;
    }
    i += more + 1;
  }
  return true;
}

// RFC 6455, 7.4: what an endpoint may send.
bool may_be_sent(int code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

bool WebsocketReader::fail(int code) {
  failure_ = code;
  head_.clear();
  control_.clear();
  message_.clear();
  return false;
}

// True when the head is whole and right, or not whole yet.
bool WebsocketReader::take_head() {
  if (head_.size() < 2) return true;
  const unsigned first = byte_at(head_, 0), second = byte_at(head_, 1);
  const unsigned opcode = first & 0x0FU;
  if ((first & reserved_bits) != 0 || !is_opcode(opcode) || (second & mask_bit) == 0) {
    return fail(websocket_protocol_error);
  }
  const unsigned stated = second & 0x7FU;
  const std::size_t more = stated == length_of_64 ? 8U : stated == length_of_16 ? 2U : 0U;
  if (head_.size() < 2 + more + mask_bytes) return true;
  length_ = more == 0 ? stated : big_endian(std::string_view{head_}.substr(2, more));
  const std::uint64_t least = more == 8 ? 0x10000U : more == 2 ? length_of_16 : 0U;
  opcode_ = static_cast<WebsocketOpcode>(opcode);
  final_ = (first & final_bit) != 0;
  const bool open = message_opcode_ != WebsocketOpcode::continuation;
  const bool continues = opcode_ == WebsocketOpcode::continuation;
  const bool wrong =
      is_control(opcode_) ? !final_ || length_ > control_bytes_max : open != continues;
  if (length_ < least || wrong) return fail(websocket_protocol_error);
  if (!is_control(opcode_) && length_ > message_bytes_max_ - message_.size()) {
    return fail(websocket_too_big);
  }
  std::copy_n(head_.end() - static_cast<std::ptrdiff_t>(mask_bytes), mask_bytes, mask_);
  head_.clear();
  taken_ = 0;
  in_payload_ = true;
  return true;
}

bool WebsocketReader::take_payload(std::string_view& bytes) {
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(length_ - taken_, bytes.size()));
  std::string& into = is_control(opcode_) ? control_ : message_;
  for (std::size_t i = 0; i < count; ++i) {
    into += static_cast<char>(byte_at(bytes, i) ^ mask_[(taken_ + i) % mask_bytes]);
  }
  taken_ += count;
  bytes.remove_prefix(count);
  return taken_ == length_;
}

bool WebsocketReader::finish_control(std::vector<WebsocketMessage>& messages) {
  WebsocketMessage message{opcode_, std::exchange(control_, {}), 0};
  if (opcode_ == WebsocketOpcode::close) {
    message.close_code = websocket_no_code;
    if (message.payload.size() == 1) return fail(websocket_protocol_error);
    if (message.payload.size() >= 2) {
      message.close_code =
          static_cast<int>(big_endian(std::string_view{message.payload}.substr(0, 2)));
      if (!may_be_sent(message.close_code)) return fail(websocket_protocol_error);
      message.payload.erase(0, 2);
      if (!is_utf8(message.payload)) return fail(websocket_bad_text);
    }
  }
  messages.push_back(std::move(message));
  return true;
}

bool WebsocketReader::finish_frame(std::vector<WebsocketMessage>& messages) {
  in_payload_ = false;
  if (is_control(opcode_)) return finish_control(messages);
  if (opcode_ != WebsocketOpcode::continuation) message_opcode_ = opcode_;
  if (!final_) return true;
  if (message_opcode_ == WebsocketOpcode::text && !is_utf8(message_)) {
    return fail(websocket_bad_text);
  }
  messages.push_back({std::exchange(message_opcode_, WebsocketOpcode::continuation),
                      std::exchange(message_, {}), 0});
  return true;
}

bool WebsocketReader::feed(std::string_view bytes, std::vector<WebsocketMessage>& messages) {
  while (failure_ == 0) {
    if (in_payload_) {
      if (!take_payload(bytes)) return true;
      if (!finish_frame(messages)) return false;
    } else {
      if (bytes.empty()) return true;
      head_ += bytes.front();
      bytes.remove_prefix(1);
      if (!take_head()) return false;
    }
  }
  return false;
}

void append_websocket_frame(std::string& out, WebsocketOpcode opcode, std::string_view payload) {
  out += static_cast<char>(final_bit | static_cast<unsigned>(opcode));
  const std::uint64_t size = payload.size();
  const auto put = [&](unsigned bytes) {
    for (unsigned shift = bytes * 8; shift > 0;) {
      shift -= 8;
      out += static_cast<char>(size >> shift & 0xFFU);
    }
  };
  if (size < length_of_16) {
    put(1);
  } else if (size <= 0xFFFF) {
    out += static_cast<char>(length_of_16);
    put(2);
  } else {
    out += static_cast<char>(length_of_64);
    put(8);
  }
  out += payload;
}

std::string websocket_close_payload(int code, std::string_view reason) {
  std::string payload;
  payload += static_cast<char>(code >> 8 & 0xFF);
  payload += static_cast<char>(code & 0xFF);
  payload += reason.substr(0, control_bytes_max - 2);
  return payload;
}

std::string websocket_accept(std::string_view key) {
  constexpr std::size_t key_size = 24;
  constexpr std::size_t nonce_size = 16;
  if (key.size() != key_size || !key.ends_with("==")) return {};
  std::string plain{key.substr(0, key_size - 2)};
  std::replace(plain.begin(), plain.end(), '+', '-');
  std::replace(plain.begin(), plain.end(), '/', '_');
  const auto nonce = base64url_decode(plain);
  if (!nonce || nonce->size() != nonce_size) return {};
  Poco::SHA1Engine engine;
  engine.update(key.data(), key.size());
  engine.update(key_end.data(), key_end.size());
  const Poco::DigestEngine::Digest& digest = engine.digest();
  std::string accept =
      base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  std::replace(accept.begin(), accept.end(), '-', '+');
  std::replace(accept.begin(), accept.end(), '_', '/');
  return accept + '=';
}

}  // namespace cpis::http
