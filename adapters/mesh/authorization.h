#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "adapters/core/result.h"
#include "adapters/core/time.h"

// The `Authorization: NHSMESH ...` header (OpenAPI 2.0.0, "MESH Authorization header").

namespace cpis::mesh {

/// HMAC-SHA256 of `message` under `key`: 32 raw bytes. Given in, because adapters have no crypto.
using HmacSha256 = std::function<std::string(std::string_view key, std::string_view message)>;

/// Who a mailbox is. Neither secret is ever part of an error or of a header.
struct Credentials {
  std::string mailbox;  ///< upper case
  std::string password;
  std::string shared_key;  ///< of the environment
};

/// The open parts of a token. It is good for one request.
struct Token {
  std::string mailbox;
  std::string nonce;              ///< a GUID
  std::uint64_t nonce_count = 0;  ///< how often this nonce was used before
  std::string timestamp;          ///< yyyyMMddHHmm, UTC
  std::string hash;               ///< 64 hexadecimal digits, lower case

  friend bool operator==(const Token&, const Token&) = default;
};

/// A token's time may differ from the server's by this much.
inline constexpr std::chrono::hours clock_window{2};

/// The header's value for one request at `now`.
std::string authorization(const Credentials& who, std::string_view nonce, std::uint64_t nonce_count,
                          Time now, const HmacSha256& hmac);

/// Reads a header's value; `forbidden` when it has another form.
Result<Token> read_authorization(std::string_view value);

/// The minute of a token's time, if it is one.
Result<Time> read_timestamp(std::string_view timestamp);
std::string write_timestamp(Time now);

enum class TokenFault : std::uint8_t { none, other_mailbox, wrong_hash, out_of_window, used };
inline constexpr std::size_t token_faults = 5;
/// Words as MESH gives them in a 403; empty for `none`.
std::string_view text_of(TokenFault fault);

/// The tokens that were used within the window. Bounded: older ones are out of the window anyway,
/// and beyond `most` every token counts as used.
class UsedTokens {
 public:
  explicit UsedTokens(std::size_t most = 100'000) : most_{most} {}
  /// False when the token was used before.
  bool use(const Token& token, Time now);

 private:
  std::size_t most_;
  std::unordered_set<std::string> known_;
  std::deque<std::pair<Time, std::string>> by_time_;
};

/// The server's side: whether `token` proves to be `who` for a request to `who.mailbox`, now, for
/// the first time. Only a token that is right in everything else is remembered.
TokenFault check(const Token& token, const Credentials& who, Time now, const HmacSha256& hmac,
                 UsedTokens& used);

}  // namespace cpis::mesh
