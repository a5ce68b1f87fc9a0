#include "gateway/net/sealed_text.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cpis::net {
namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t text_bytes_max = std::size_t{64} * 1024;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// RFC 4648, 5, without padding.
std::string encode(std::string_view bytes) {
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = (held << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out += alphabet[(held >> (bits - 6)) & 63U];
  }
  if (bits > 0) out += alphabet[(held << (6 - bits)) & 63U];
  return out;
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == alphabet.npos) return std::nullopt;
    held = (held << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((held >> bits) & 255U);
    }
  }
  return out;
}

}  // namespace

Result<std::string> SealedText::seal(std::string_view text, std::string_view context) const {
  if (text.size() > text_bytes_max) return Error{ErrorKind::busy, "the text is too long to seal"};
  std::string out(nonce_bytes + text.size() + tag_bytes, '\0');
  unsigned char* const at = bytes_of(out);
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  int size = 0;
  const bool sealed =
      cipher && RAND_bytes(at, static_cast<int>(nonce_bytes)) == 1 &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), at) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), at + nonce_bytes, &size, bytes_of(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), at + nonce_bytes + text.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes),
                          at + nonce_bytes + text.size()) == 1;
  if (!sealed) return Error{ErrorKind::fault, "the text could not be sealed"};
  return encode(out);
}

std::optional<std::string> SealedText::open(std::string_view sealed,
                                            std::string_view context) const {
  if (sealed.size() > 2 * text_bytes_max) return std::nullopt;
  auto bytes = decode(sealed);
  if (!bytes || bytes->size() < nonce_bytes + tag_bytes) return std::nullopt;
  const std::size_t text_bytes = bytes->size() - nonce_bytes - tag_bytes;
  unsigned char* const at = bytes_of(*bytes);
  std::string text(text_bytes, '\0');
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  int size = 0;
  const bool opened =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), at) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(text), &size, at + nonce_bytes,
                        static_cast<int>(text_bytes)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes),
                          at + nonce_bytes + text_bytes) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(text) + text_bytes, &size) == 1;
  if (!opened) return std::nullopt;
  return text;
}

}  // namespace cpis::net
