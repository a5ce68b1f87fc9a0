#include "gateway/auth/jwt_writer.h"

#include "adapters/core/base64url.h"
#include "adapters/spine/json.h"

namespace cpis::auth {

using spine::json_text;

Result<std::string> write_jwt(const net::PrivateKey& key, std::string_view key_id,
                              std::string_view type, std::string_view claims) {
  const std::string header = R"({"alg":")" + std::string{name_of(key.algorithm())} + R"(","kid":)" +
                             json_text(key_id) + R"(,"typ":)" + json_text(type) + '}';
  std::string jwt = base64url_encode(header) + '.' + base64url_encode(claims);
  const auto signature = key.sign(jwt);
  if (!signature) return signature.error();
  return jwt + '.' + base64url_encode(*signature);
}

Result<std::string> write_key_set(const net::PrivateKey& key, std::string_view key_id) {
  const auto numbers = key.public_numbers();
  if (!numbers) return numbers.error();
  const bool is_rsa = key.kind() == net::PrivateKey::Kind::rsa;
  const std::string first = base64url_encode(numbers->first);
  const std::string second = base64url_encode(numbers->second);
  std::string jwk = R"({"keys":[{"kid":)" + json_text(key_id) + R"(,"use":"sig","alg":")" +
                    std::string{name_of(key.algorithm())} + '"';
  if (is_rsa) {
    jwk += R"(,"kty":"RSA","n":")" + first + R"(","e":")" + second;
  } else {
    const bool small = key.kind() == net::PrivateKey::Kind::p256;
    jwk += R"(,"kty":"EC","crv":")" + std::string{small ? "P-256" : "P-384"} + R"(","x":")" +
           first + R"(","y":")" + second;
  }
  return jwk + "\"}]}";
}

}  // namespace cpis::auth
