#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cpis::auth {

/// What a token is known by while its verdict is kept: 128 bits. Two words, the low one first.
using TokenDigest = std::array<std::uint64_t, 2>;

/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012) of `text` under `key`.
///
/// A keyed digest suffices for a table in memory: without the key, which never leaves the process,
/// nobody can make two tokens of one digest, and how long a look-up takes says nothing about the
/// token. It costs a fraction of a SHA-256, and is made for every request.
TokenDigest sip_digest(const TokenDigest& key, std::string_view text);

/// A new key from the operating system's generator.
TokenDigest random_digest_key();

}  // namespace cpis::auth
