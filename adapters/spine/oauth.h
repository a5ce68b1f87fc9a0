#pragma once

#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "adapters/core/time.h"

namespace cpis::spine {

/// The claims of a signed client assertion (spine.md 11). RS512 only; the signature itself is made
/// where the private key is.
struct ClientAssertion {
  std::string key_id;     ///< `kid`, required
  std::string api_key;    ///< `iss` and `sub`
  std::string token_url;  ///< `aud`
  std::string id;         ///< `jti`, never twice
  Time expires{};         ///< at most five minutes ahead
};

/// The longest life of an assertion. We stay below it, because clocks differ.
inline constexpr std::chrono::seconds assertion_life_max{300};
inline constexpr std::chrono::seconds assertion_life{240};

/// `header.claims`, the bytes to be signed.
std::string signing_input(const ClientAssertion& assertion);
/// The finished JWT from `signing_input` and the raw RSASSA-PKCS1-v1_5 SHA-512 signature.
std::string finish_jwt(const std::string& signing_input, std::string_view signature);

/// The form body of a token request.
std::string token_request(std::string_view jwt);
/// The same for a user's CIS2 id token (token exchange).
std::string token_exchange(std::string_view jwt, std::string_view id_token);

struct Token {
  std::string access;
  std::chrono::seconds life{0};
};
/// Reads the token endpoint's answer. The server's error words are passed on, they name no person.
Result<Token> read_token(int http_status, std::string_view body);
std::string write_token(const Token& token);

}  // namespace cpis::spine
