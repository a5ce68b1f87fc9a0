#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "gateway/net/public_key.h"

namespace cpis::auth {

inline constexpr std::size_t key_set_bytes_max = std::size_t{256} * 1024;
inline constexpr std::size_t key_set_keys_max = 100;

/// The public keys of one issuer or client (RFC 7517). A value; safe to share.
class KeySet {
 public:
  /// Reads a JWKS. Keys that are not for signing, of a kind that is not taken (`oct` above all), or
  /// without a `kid` are left out. `bad_input` when it is no strict JSON, too large, holds a
  /// private or symmetric key (somebody has published a secret), or leaves nothing.
  static Result<KeySet> read(std::string_view text);

  bool knows(std::string_view key_id) const;
  /// True when a key of that id, of the right kind and not meant for another algorithm, made the
  /// signature.
  bool verify(std::string_view key_id, net::SignatureAlgorithm algorithm,
              std::string_view signed_bytes, std::string_view signature) const;
  std::size_t size() const { return keys_.size(); }

 private:
  struct Key {
    std::string id;
    std::string algorithm;  ///< `alg`; empty: any that fits
    net::PublicKey key;
  };
  std::vector<Key> keys_;
};

}  // namespace cpis::auth
