#pragma once

#include <string>

// The verbs of `cpis-gateway client`: keys and registrations for a sandbox or a small site, and a
// token to try them with. Each gives the exit code.

namespace cpis::console {

struct ClientOptions {
  std::string name;           ///< of the client's section; also its client id
  std::string file;           ///< PEM file of the private key
  std::string kind = "p384";  ///< rsa, p256 or p384
  std::string key_id;         ///< default: the file's name without folder and ending
  std::string url;            ///< the gateway, for example https://gateway.example
  std::string authority;      ///< PEM: who signs its certificate
  std::string organisation_code = "RXX01";
  std::string organisation_name = "Testshire Royal Infirmary";
  std::string scopes = "system/*.rs";
};

/// Makes a private key (readable by its owner only, never overwriting one) and, beside it, the
/// JWKS with its public half.
int make_client_key(const ClientOptions& options);
/// The same, and prints the client's section for the configuration file.
int register_client(const ClientOptions& options);
/// Signs an assertion, posts it to the gateway's token endpoint and prints the answer's token.
int fetch_token(const ClientOptions& options);

}  // namespace cpis::console
