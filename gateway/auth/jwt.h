#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "gateway/auth/strict_json.h"
#include "gateway/net/public_key.h"

namespace cpis::auth {

inline constexpr std::size_t jwt_bytes_max = std::size_t{8} * 1024;

/// A signed JWT in compact form (RFC 7515, 7.1) that has been read and NOT verified.
struct Jwt {
  std::string signed_bytes;  ///< `header.claims` as they came
  std::string signature;
  net::SignatureAlgorithm algorithm;
  std::string key_id;
  std::string type;  ///< `typ`, lower case without `application/`; may be empty
  JsonDocument claims;

  std::string_view text(std::string_view claim) const { return claims.root().text(claim); }
  /// Seconds since 1970; nothing when the claim is missing or no number.
  std::optional<std::int64_t> seconds(std::string_view claim) const;
  bool has(std::string_view claim) const { return static_cast<bool>(claims.root()[claim]); }
  /// The audiences, one or many.
  bool is_for(std::string_view audience) const;
};

/// Reads a token. `bad_input` says what is wrong without a byte of it: too long, not three parts,
/// base64url or JSON that is not strict, an algorithm that is not taken (above all `none` and
/// HMAC), no `kid`, or a `crit` header, which nobody here understands.
Result<Jwt> read_jwt(std::string_view compact);

/// What the times of a token must be.
struct TimeRules {
  std::int64_t now;       ///< seconds since 1970
  std::int64_t skew;      ///< seconds that clocks may differ
  std::int64_t life_max;  ///< `exp` may be so far ahead, besides the skew
};
/// Empty when `exp`, `nbf` and `iat` are right; else what is wrong. `exp` is needed.
std::string_view refuse_times(const Jwt& jwt, const TimeRules& rules);

}  // namespace cpis::auth
