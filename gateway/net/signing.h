#pragma once

#include <openssl/rsa.h>

#include "gateway/net/openssl_handles.h"
#include "gateway/net/public_key.h"

// What signing and verifying have in common. Inside gateway/net only.

namespace cpis::net::ossl {

inline const EVP_MD* digest_of(SignatureAlgorithm algorithm) {
  using enum SignatureAlgorithm;
  switch (algorithm) {
    case rs256:
    case ps256:
    case es256:
      return EVP_sha256();
    case rs384:
    case ps384:
    case es384:
      return EVP_sha384();
    default:
      return EVP_sha512();
  }
}

/// RSASSA-PSS with a salt as long as the digest (RFC 7518, 3.5), where the algorithm says so.
inline bool set_padding(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm) {
  const bool pss = algorithm >= SignatureAlgorithm::ps256 && algorithm <= SignatureAlgorithm::ps512;
  if (!pss) return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace cpis::net::ossl
