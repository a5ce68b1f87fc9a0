#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "adapters/core/time.h"
#include "gateway/auth/refusal.h"
#include "gateway/auth/token_digest.h"

namespace cpis::auth {

/// What became of a token that was looked at before.
struct CheckedToken {
  Verdict verdict;
  Time until{};  ///< not to be used at or after this
  std::string certificate =
      {};  ///< bound to this TLS certificate (RFC 8705), SHA-256 in hexadecimal
};

/// Verdicts by a keyed digest of the token, so that a signature is verified once for a token and no
/// token is kept. Bounded: beyond `tokens_max` the oldest go first. Safe to call from many threads.
class TokenCache {
 public:
  explicit TokenCache(std::size_t tokens_max) : part_max_{tokens_max / parts_count + 1} {}

  std::optional<CheckedToken> find(const TokenDigest& token, Time now) const;
  void put(const TokenDigest& token, CheckedToken checked);
  /// After a key was withdrawn: everything is verified again.
  void clear();

 private:
  static constexpr std::size_t parts_count = 16;
  struct Hasher {
    std::size_t operator()(const TokenDigest& hash) const noexcept;
  };
  struct Part {
    mutable std::mutex mutex;
    std::unordered_map<TokenDigest, CheckedToken, Hasher> tokens;
    std::deque<TokenDigest> order;
  };
  const Part& part_of(const TokenDigest& token) const;

  std::size_t part_max_;
  std::array<Part, parts_count> parts_;
};

}  // namespace cpis::auth
