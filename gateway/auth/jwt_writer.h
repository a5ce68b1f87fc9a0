#pragma once

#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/net/private_key.h"

namespace cpis::auth {

/// A signed compact JWT. `claims` is a JSON object; the header gets the key's algorithm, `kid` and
/// `typ`.
Result<std::string> write_jwt(const net::PrivateKey& key, std::string_view key_id,
                              std::string_view type, std::string_view claims);

/// A JWKS with this one public key.
Result<std::string> write_key_set(const net::PrivateKey& key, std::string_view key_id);

}  // namespace cpis::auth
