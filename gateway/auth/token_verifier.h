#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "gateway/auth/jwt.h"
#include "gateway/auth/key_source.h"
#include "gateway/auth/refusal.h"
#include "gateway/auth/token_cache.h"
#include "gateway/config/settings.h"

namespace cpis::auth {

/// Verifies access tokens (RFC 9068, NHS CIS2 style) of the configured issuers: signature by a key
/// of that issuer and no other, issuer, audience, times, a registered client that is not revoked,
/// scopes within its registration, and for a user's token a user who can be named in a notice.
/// Safe to call from many threads.
class TokenVerifier {
 public:
  TokenVerifier(const config::Settings& settings, const Clock& clock);

  /// Takes tokens of one more issuer, whose keys are at hand (the embedded token endpoint).
  void trust_own(const config::Issuer& issuer, std::shared_ptr<const KeySet> keys);

  /// Does not block. `until` is when the token ends.
  CheckedToken verify(std::string_view token) const;
  /// Reads keys that the token may need and are not here; blocks. Nothing happens for a token that
  /// no issuer of ours can have made.
  void look_for_keys(std::string_view token);
  /// Reads keys that are due; blocks. True when any set of keys has changed.
  bool refresh_keys();

 private:
  struct Trusted {
    config::Issuer issuer;
    std::unique_ptr<KeySource> source;  ///< null for our own
    std::shared_ptr<const KeySet> own;
    std::shared_ptr<const KeySet> keys() const { return source ? source->current() : own; }
  };
  const Trusted* issuer_of(const Jwt& jwt) const;
  Verdict identify(const Jwt& jwt, const config::Issuer& issuer) const;

  const config::Settings& settings_;
  const Clock& clock_;
  std::vector<Trusted> trusted_;
  std::unordered_map<std::string, const config::Client*> clients_;  ///< by client id
  std::vector<std::shared_ptr<const KeySet>> seen_;
};

}  // namespace cpis::auth
