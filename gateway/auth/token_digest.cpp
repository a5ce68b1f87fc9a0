#include "gateway/auth/token_digest.h"

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string>

#include "gateway/edge/ids.h"

namespace cpis::auth {
namespace {

constexpr std::size_t word_bytes = 8;
constexpr int rounds_for_a_word = 2;
constexpr int rounds_at_the_end = 4;

// Texts are read as little-endian words.
std::uint64_t word_at(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes, count);
  } else {
    for (std::size_t i = count; i > 0; --i) {
      word = word << 8U | static_cast<unsigned char>(bytes[i - 1]);
    }
  }
  return word;
}

class SipState {
 public:
  // "somepseudorandomlygeneratedbytes", as the authors begin; 0xee asks for 128 bits.
  explicit SipState(const TokenDigest& key)
      : v0_{key[0] ^ 0x736f6d6570736575ULL},
        v1_{key[1] ^ 0x646f72616e646f6dULL ^ 0xeeULL},
        v2_{key[0] ^ 0x6c7967656e657261ULL},
        v3_{key[1] ^ 0x7465646279746573ULL} {}

  void take(std::uint64_t word) {
    v3_ ^= word;
    rounds(rounds_for_a_word);
    v0_ ^= word;
  }

  TokenDigest finish() {
    v2_ ^= 0xeeULL;
    const std::uint64_t low = mixed();
    v1_ ^= 0xddULL;
    return {low, mixed()};
  }

 private:
  std::uint64_t mixed() {
    rounds(rounds_at_the_end);
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
};

}  // namespace

TokenDigest sip_digest(const TokenDigest& key, std::string_view text) {
  SipState state{key};
  const auto length = static_cast<std::uint64_t>(text.size());
  while (text.size() >= word_bytes) {
    state.take(word_at(text.data(), word_bytes));
    text.remove_prefix(word_bytes);
  }
  state.take(length << 56U | word_at(text.data(), text.size()));
  return state.finish();
}

TokenDigest random_digest_key() {
  const std::string digits = random_hex_id();
  TokenDigest key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char* const from = digits.data() + i * 16;
    std::from_chars(from, from + 16, key[i], 16);
  }
  return key;
}

}  // namespace cpis::auth
