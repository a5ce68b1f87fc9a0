#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "gateway/net/public_key.h"

namespace cpis::net {

/// A key that signs tokens or assertions. It never leaves this object but by `to_pem`. Safe to use
/// from many threads.
class PrivateKey {
 public:
  enum class Kind : std::uint8_t { rsa, p256, p384 };

  /// A new one; RSA has 3072 bits.
  static Result<PrivateKey> make(Kind kind);
  /// From a PEM file without a password: RSA of at least 2048 bits, P-256 or P-384. `bad_input`
  /// names the file.
  static Result<PrivateKey> open(const std::string& file);

  Kind kind() const { return kind_; }
  /// RS384, ES256 or ES384.
  SignatureAlgorithm algorithm() const;
  /// A signature as a JWT has it, with this or any other algorithm that fits the key.
  Result<std::string> sign(SignatureAlgorithm algorithm, std::string_view bytes) const;
  Result<std::string> sign(std::string_view bytes) const { return sign(algorithm(), bytes); }

  /// The numbers of the public key, big-endian: modulus and exponent, or x and y.
  struct Numbers {
    std::string first;
    std::string second;
  };
  Result<Numbers> public_numbers() const;
  /// PKCS #8. For whoever keeps it.
  Result<std::string> to_pem() const;

 private:
  PrivateKey(std::shared_ptr<evp_pkey_st> key, Kind kind) : key_{std::move(key)}, kind_{kind} {}
  static Result<PrivateKey> of(std::shared_ptr<evp_pkey_st> key, const std::string& what);

  std::shared_ptr<evp_pkey_st> key_;
  Kind kind_;
};

}  // namespace cpis::net
