#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"

struct evp_pkey_st;

namespace cpis::net {

/// The signature algorithms of RFC 7518, 3.1 that are taken. HMAC and `none` have no place here, so
/// no text that a client sends can choose them.
enum class SignatureAlgorithm : std::uint8_t {
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
};

/// By the name in a JWT's header, to the letter.
std::optional<SignatureAlgorithm> algorithm_named(std::string_view name);
std::string_view name_of(SignatureAlgorithm algorithm);

enum class Curve : std::uint8_t { p256, p384 };

/// Somebody's public key. Safe to use from many threads.
class PublicKey {
 public:
  /// From the big-endian numbers of a JWK. `bad_input` unless 2048 to 8192 bits with a sensible
  /// exponent.
  static Result<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
  /// From the coordinates of a JWK; `bad_input` when they are no point of the curve.
  static Result<PublicKey> ec(Curve curve, std::string_view x, std::string_view y);

  /// Whether this key can have made signatures of that kind: an RSA key never fits ES256, and ES256
  /// goes with P-256 only.
  bool fits(SignatureAlgorithm algorithm) const;
  /// `signature` as in a JWT (for ES256 and ES384: r and s of fixed size). False for any reason.
  bool verify(SignatureAlgorithm algorithm, std::string_view signed_bytes,
              std::string_view signature) const;

 private:
  enum class Kind : std::uint8_t { rsa, p256, p384 };
  PublicKey(std::shared_ptr<evp_pkey_st> key, Kind kind) : key_{std::move(key)}, kind_{kind} {}

  std::shared_ptr<evp_pkey_st> key_;
  Kind kind_;
};

}  // namespace cpis::net
