#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/test_tokens.h"

namespace cpis::test {

/// A gateway that demands tokens, with an issuer, a token endpoint and clients of every kind, and
/// the keys of all of them. Made once for a suite.
///
/// Clients: `epr` (users and systems), `ward` (one resource, not Flag),
/// `writer` (creates and updates people, and neither reads nor searches), `quiet` (B0170 only),
/// `loud` (B0107 only), `gone` (revoked), `slow` (two requests), `boss` (admin), and `epr2`, which
/// belongs to another organisation. Static tokens are `static-NAME`.
struct FrontDoorWorld {
  FrontDoorWorld();

  /// Claims of a good access token of a system; each part replaced by a test makes it bad.
  struct Claims {
    std::string issuer = "https://idp.example";
    std::string audience = "https://gateway.example/FHIR/R4";
    std::string client = "epr";
    std::string subject = "epr";
    std::string scope = "system/*.rs";
    long issued = 0;  ///< seconds from now
    long expires = 300;
    std::string more;  ///< further members, beginning with a comma
    std::string text() const;
  };
  std::string token(const Claims& claims) const { return signed_token(issuer, claims.text()); }
  /// A user of NHS CIS2 with one role.
  std::string user_token(std::string_view activities, std::string_view organisation = "RXX01",
                         std::string_view name = "Nurse Test",
                         std::string_view scope = "user/*.rs") const;
  /// A client assertion for the token endpoint.
  std::string assertion(const TokenKey& key, std::string_view id, long expires_s = 200,
                        std::string_view audience = "https://gateway.example/oauth2/token") const;
  std::string form(std::string_view assertion, std::string_view scope = "system/Flag.rs") const;

  std::string get(const std::string& path, const std::string& headers) const {
    return gateway->get(path, headers);
  }
  /// Accesses and notices that stand in the register.
  std::size_t traces() const;

  ScratchFolder folder;
  TokenKey issuer;
  TokenKey stranger;
  TokenKey elliptic;  ///< also of the issuer
  TokenKey client;    ///< of `epr`
  std::unique_ptr<RunningGateway> gateway;
};

std::string bearer(std::string_view token);

}  // namespace cpis::test
