#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "gateway/auth/identity.h"

namespace cpis::auth {

/// Why a request goes no further, in the words of RFC 6750, 3. `says` is for the client's
/// developers: it never holds a byte of the token or of anybody's data.
struct Refusal {
  int status = 401;
  std::string_view error =
      {};  ///< RFC 6750, 3.1: invalid_token, insufficient_scope; empty: no token
  std::string says = {};
  std::string scope = {};  ///< what would have been needed, for insufficient_scope
  int retry_after_s = 0;
};

inline Refusal no_token() { return {401, "", "a bearer token of a registered client is needed"}; }
inline Refusal invalid_token(std::string says) { return {401, "invalid_token", std::move(says)}; }
inline Refusal not_permitted(std::string says) { return {403, "", std::move(says)}; }

using Verdict = std::variant<IdentityPtr, Refusal>;

}  // namespace cpis::auth
