#pragma once

#include <memory>
#include <string>

#include "adapters/core/result.h"
#include "adapters/spine/oauth.h"

struct evp_pkey_st;

namespace cpis::net {

/// Signs client assertions with RS512. Holds the private key; it never leaves this object. Safe to
/// call from many threads.
class JwtSigner {
 public:
  /// Reads a PEM private key without a password. `bad_input` names the file.
  static Result<JwtSigner> open(const std::string& key_file);

  /// The finished JWT.
  Result<std::string> sign(const spine::ClientAssertion& assertion) const;

 private:
  explicit JwtSigner(std::shared_ptr<evp_pkey_st> key) : key_{std::move(key)} {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace cpis::net
