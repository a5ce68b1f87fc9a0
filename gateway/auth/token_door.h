#pragma once

#include <memory>
#include <string>

#include "gateway/auth/assertion.h"
#include "gateway/auth/key_set.h"
#include "gateway/config/settings.h"
#include "gateway/http/query_string.h"
#include "gateway/http/reply.h"
#include "gateway/net/private_key.h"
#include "gateway/net/worker_pool.h"

namespace cpis::auth {

/// The embedded authorization server of SMART Backend Services, for sandboxes and small sites:
///
///     POST /oauth2/token   client_credentials with a signed assertion -> a bearer token (RFC 6749,
///                          4.4; RFC 7523); errors as RFC 6749, 5.2
///     GET  /oauth2/jwks    the public key that verifies those tokens
///     GET  /FHIR/R4/.well-known/smart-configuration
///
/// Without `token.enabled` only 404 is answered here.
class TokenDoor final : public http::HttpHandler {
 public:
  /// Reads the signing key; `bad_input` names the file. Everything outlives the door.
  static Result<std::unique_ptr<TokenDoor>> open(const config::Settings& settings,
                                                 const Clock& clock, AssertionVerifier& assertions,
                                                 net::WorkerPool& workers);

  /// Whether this door answers the path.
  static bool serves(std::string_view path);

  void handle(http::Request&& request, http::Reply&& reply) override;

  /// What the gatekeeper has to trust; no keys when the door is closed.
  config::Issuer issuer() const;
  std::shared_ptr<const KeySet> keys() const { return keys_; }

 private:
  TokenDoor(const config::Settings& settings, const Clock& clock, AssertionVerifier& assertions,
            net::WorkerPool& workers);
  http::Response token(const http::Request& request);
  http::Response issue(const config::Client& client, std::string_view wanted) const;
  std::string smart_configuration() const;

  const config::Settings& settings_;
  const Clock& clock_;
  AssertionVerifier& assertions_;
  net::WorkerPool& workers_;
  std::unique_ptr<net::PrivateKey> key_;
  std::string key_set_;
  std::shared_ptr<const KeySet> keys_;
};

}  // namespace cpis::auth
