#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cpis::store {

/// The 32 bytes of a SHA-256.
using Sha256 = std::array<char, 32>;

inline std::string_view bytes_of(const Sha256& hash) { return {hash.data(), hash.size()}; }

Sha256 sha256(std::string_view bytes);

}  // namespace cpis::store
