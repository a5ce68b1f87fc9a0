#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/net/private_key.h"

namespace cpis::test {

/// A key made for one test, with the JWKS that publishes it.
struct TokenKey {
  net::PrivateKey key;
  std::string id;
  std::string key_set;
};
TokenKey make_token_key(net::PrivateKey::Kind kind, std::string_view id);

/// A JWT signed by the key, with that `typ`.
std::string signed_token(const TokenKey& key, std::string_view claims,
                         std::string_view type = "at+jwt");
/// A JWT with a header and signature of one's own choice, for attacks.
std::string forged_token(std::string_view header, std::string_view claims,
                         std::string_view signature_bytes = "");
/// HMAC-SHA-256, as an attacker would sign with a public key for a secret.
std::string hmac_sha256(std::string_view secret, std::string_view bytes);
std::string base64url(std::string_view bytes);

void write_file(const std::string& path, std::string_view text);

/// Seconds since 1970 on the system's clock.
std::int64_t now_s();

}  // namespace cpis::test
