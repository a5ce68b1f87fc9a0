#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "adapters/core/ports/clock.h"
#include "gateway/auth/rate_limit.h"
#include "gateway/auth/refusal.h"
#include "gateway/auth/token_cache.h"
#include "gateway/auth/token_verifier.h"
#include "gateway/config/settings.h"
#include "gateway/http/request.h"

namespace cpis::auth {

/// The signed token (JWT) that a request came with; empty for a static one, which is a secret
/// between its client and us and goes no further.
std::string_view signed_token_of(const http::Request& request);

/// Tells who sends a request, from its credentials alone: a static token, an access token of a
/// configured issuer, or a registered TLS client certificate. With `http.auth = none` (loopback
/// only) everybody is the default caller. Safe to call from many threads.
///
///     const auth::Verdict verdict = gatekeeper.check(request);
///     if (const auto* refusal = std::get_if<auth::Refusal>(&verdict)) ...
///
/// A signature is verified once for a token: gateway/app/gate.h calls `prepare` on a worker for a
/// token that is not known yet, so that `check`, on the loop, finds the verdict.
class Gatekeeper {
 public:
  Gatekeeper(const config::Settings& settings, const Clock& clock);

  /// Takes tokens of the embedded token endpoint. Before the first request.
  void trust_own(const config::Issuer& issuer, std::shared_ptr<const KeySet> keys) {
    verifier_.trust_own(issuer, std::move(keys));
  }

  /// Never waits for anything: for loop threads.
  Verdict check(const http::Request& request) const;

  /// Whether there is a token that has to be verified first, which takes time.
  bool has_new_token(const http::Request& request) const;
  /// Verifies it, reading the issuer's keys when they are not here. Blocks: for workers.
  void prepare(const http::Request& request);

  /// Counts one request of the client: 0, or the seconds after which it may come again.
  int count_request(const Identity& who) const;
  /// Reads keys that are due. Blocks: for a thread of its own.
  void refresh_keys();

  struct Counts {
    std::atomic<std::uint64_t> verified{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> limited{0};
  };
  const Counts& counts() const { return counts_; }

 private:
  CheckedToken examine(std::string_view token, const TokenDigest& hash, Time now) const;
  std::optional<CheckedToken> known(const TokenDigest& hash, Time now) const;
  Verdict check_token(std::string_view token, const http::Request& request) const;
  const IdentityPtr* by_certificate(const http::Request& request) const;

  bool demand_token_;
  const Clock& clock_;
  IdentityPtr default_identity_;
  std::unordered_map<std::string, IdentityPtr> by_token_hash_;   ///< 32 bytes
  std::unordered_map<std::string, IdentityPtr> by_certificate_;  ///< hexadecimal
  const TokenDigest digest_key_ = random_digest_key();
  TokenVerifier verifier_;
  mutable TokenCache good_;
  mutable TokenCache bad_;
  RateLimits rates_;
  mutable Counts counts_;
};

}  // namespace cpis::auth
