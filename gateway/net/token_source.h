#pragma once

#include <mutex>
#include <string>

#include "adapters/core/ports/clock.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/jwt_signer.h"

namespace cpis::net {

struct TokenSettings {
  std::string token_url;
  std::string api_key;
  std::string key_id;  ///< `kid` under which the public key was registered
  std::chrono::seconds renew_before{60};
};

/// The access token of this application, obtained with a signed assertion, kept, and renewed before
/// it ends. Safe to call from many threads; one of them asks, the others wait.
class TokenSource {
 public:
  TokenSource(TokenSettings settings, JwtSigner signer, HttpSender& sender, const Clock& clock)
      : settings_{std::move(settings)},
        signer_{std::move(signer)},
        sender_{sender},
        clock_{clock} {}

  Result<std::string> access_token();
  /// The server refused this token: the next call gets a new one.
  void refused(const std::string& token);

 private:
  Status renew(Time now);

  const TokenSettings settings_;
  const JwtSigner signer_;
  HttpSender& sender_;
  const Clock& clock_;
  std::mutex mutex_;
  std::string token_;
  Time renew_at_{}, ends_at_{};
};

}  // namespace cpis::net
