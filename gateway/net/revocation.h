#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"

using SSL_CTX = struct ssl_ctx_st;

namespace cpis::net {

/// What a certificate revocation list (RFC 5280, 5) says of itself.
struct RevocationList {
  std::string issuer;  ///< RFC 2253 text
  Time issued{};
  std::optional<Time> next{};  ///< after this, peers that it would vouch for are refused
  std::size_t revoked = 0;     ///< certificates on it
};

/// The lists of a PEM file. `bad_input` names a file that cannot be read or holds none.
Result<std::vector<RevocationList>> read_revocation_lists(const std::string& file);

/// From now on, connections of `context` refuse a peer whose certificate is on a list of the file,
/// and one whose issuer has no list in it that is in force: an unknown state is not a good one.
/// `bad_input` as above.
Status refuse_revoked(SSL_CTX* context, const std::string& file);

/// Whether the first certificate of a PEM file is on its issuer's list. `not_found` when the file
/// has no list of that issuer; `bad_input` names a file that cannot be used.
Result<bool> is_revoked(const std::string& certificate_file, const std::string& list_file);

}  // namespace cpis::net
