#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cpis {

/// Base64url without padding (RFC 7515, 2).
std::string base64url_encode(std::string_view bytes);

/// The opposite, strict: no padding, no white space, no other alphabet, and no bits left over that
/// are not zero, so that two texts never mean the same bytes.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace cpis
