#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "gateway/auth/key_source.h"
#include "gateway/config/settings.h"
#include "gateway/store/database.h"

namespace cpis::auth {

/// Who must stand in `sub`.
enum class Subject { same_as_issuer, anybody };

/// Verifies JWTs that registered clients sign themselves with a key of `client.*.keys`: client
/// assertions (RFC 7523, SMART `private_key_jwt`) and the JWTs with which CDS Hooks clients call.
/// Each is taken once: its `jti` is kept in the store until it has expired. Safe to call from many
/// threads.
///
///     const auto client = assertions.verify(jwt, "https://gateway/oauth2/token",
///                                           Subject::same_as_issuer);
class AssertionVerifier {
 public:
  AssertionVerifier(const config::Settings& settings, const Clock& clock,
                    store::Database& database);

  /// The registered client (`iss` is its id) whose assertion this is, for this audience, at most
  /// five minutes ahead. `forbidden` says what is wrong, without a byte of it; `unavailable` and
  /// `busy` are our own trouble. Blocks: it may read keys, and it writes to the store.
  Result<const config::Client*> verify(std::string_view jwt, std::string_view audience,
                                       Subject subject);

  /// Reads keys that are due. Blocks.
  void refresh_keys();

 private:
  struct Known {
    const config::Client* client;
    std::unique_ptr<KeySource> keys;
  };
  Known* find(std::string_view client_id);

  const config::Settings& settings_;
  const Clock& clock_;
  store::Database& database_;
  std::unordered_map<std::string, Known> clients_;  ///< by client id
};

}  // namespace cpis::auth
