#include "gateway/edge/ids.h"

#include <sys/random.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace cpis {
namespace {

// getrandom in blocks: a system call for each id would be the dearest part of a question.
class RandomBytes {
 public:
  std::uint8_t next() {
    if (at_ == pool_.size()) refill();
    return pool_[at_++];
  }

 private:
  void refill() {
    std::size_t have = 0;
    while (have < pool_.size()) {
      const ssize_t got = getrandom(pool_.data() + have, pool_.size() - have, 0);
      if (got <= 0) throw std::runtime_error{"the system's random generator failed"};
      have += static_cast<std::size_t>(got);
    }
    at_ = 0;
  }

  std::array<std::uint8_t, 1024> pool_{};
  std::size_t at_ = pool_.size();
};

RandomBytes& random_bytes() {
  thread_local RandomBytes bytes;
  return bytes;
}

std::string hex_bytes(std::array<std::uint8_t, 16>& bytes, const char* digits) {
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::array<std::uint8_t, 16> sixteen_bytes() {
  std::array<std::uint8_t, 16> bytes{};
  for (std::uint8_t& byte : bytes) byte = random_bytes().next();
  return bytes;
}

std::string uuid(std::array<std::uint8_t, 16>& bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text = hex_bytes(bytes, "0123456789ABCDEF");
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

std::array<std::uint8_t, 16> ordered_bytes(Time now) {
  std::array<std::uint8_t, 16> bytes = sixteen_bytes();
  auto millis = static_cast<std::uint64_t>(to_micros(now) / 1000);
  for (std::size_t at = 6; at > 0; millis >>= 8U) {
    bytes[--at] = static_cast<std::uint8_t>(millis & 0xFFU);
  }
  return bytes;
}

}  // namespace

std::string random_uuid() {
  std::array<std::uint8_t, 16> bytes = sixteen_bytes();
  return uuid(bytes, 4);
}

std::string ordered_uuid(Time now) {
  std::array<std::uint8_t, 16> bytes = ordered_bytes(now);
  return uuid(bytes, 7);
}

std::string ordered_hex_id(Time now) {
  std::array<std::uint8_t, 16> bytes = ordered_bytes(now);
  return hex_bytes(bytes, "0123456789abcdef");
}

std::string random_hex_id() {
  std::array<std::uint8_t, 16> bytes = sixteen_bytes();
  return hex_bytes(bytes, "0123456789abcdef");
}

}  // namespace cpis
