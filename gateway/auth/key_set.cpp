#include "gateway/auth/key_set.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/core/base64url.h"
#include "gateway/auth/strict_json.h"

namespace cpis::auth {
namespace {

bool is_for_signatures(JsonView jwk) {
  const std::string_view use = jwk.text("use");
  if (!use.empty() && use != "sig") return false;
  const JsonView operations = jwk["key_ops"];
  if (!operations) return true;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations.at(i).text() == "verify") return true;
  }
  return false;
}

std::string bytes_in(JsonView jwk, std::string_view name) {
  return base64url_decode(jwk.text(name)).value_or(std::string{});
}

// Nothing for a kind of key that is not taken.
std::optional<net::PublicKey> public_key_of(JsonView jwk) {
  const std::string_view kind = jwk.text("kty");
  if (kind == "RSA") {
    auto key = net::PublicKey::rsa(bytes_in(jwk, "n"), bytes_in(jwk, "e"));
    if (key) return *std::move(key);
  }
  const std::string_view curve = jwk.text("crv");
  if (kind == "EC" && (curve == "P-256" || curve == "P-384")) {
    auto key = net::PublicKey::ec(curve == "P-256" ? net::Curve::p256 : net::Curve::p384,
                                  bytes_in(jwk, "x"), bytes_in(jwk, "y"));
    if (key) return *std::move(key);
  }
  return std::nullopt;
}

}  // namespace

Result<KeySet> KeySet::read(std::string_view text) {
  if (text.size() > key_set_bytes_max) return Error{ErrorKind::bad_input, "the JWKS is too large"};
  const auto document = read_strict_json(text);
  if (!document) return Error{ErrorKind::bad_input, "the JWKS is not strict JSON"};
  const JsonView keys = document->root()["keys"];
  if (keys.size() > key_set_keys_max) return Error{ErrorKind::bad_input, "too many keys"};
  KeySet set;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const JsonView jwk = keys.at(i);
    if (jwk["d"] || jwk["k"] || jwk.text("kty") == "oct") {
      return Error{ErrorKind::bad_input, "the JWKS holds a secret key; publish the public ones"};
    }
    if (jwk.text("kid").empty() || !is_for_signatures(jwk)) continue;
    if (auto key = public_key_of(jwk)) {
      set.keys_.push_back(
          {std::string{jwk.text("kid")}, std::string{jwk.text("alg")}, *std::move(key)});
    }
  }
  if (set.keys_.empty()) {
    return Error{ErrorKind::bad_input,
                 "the JWKS holds no usable key: RSA, P-256 or P-384 with kid"};
  }
  return set;
}

bool KeySet::knows(std::string_view key_id) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == key_id; });
}

bool KeySet::verify(std::string_view key_id, net::SignatureAlgorithm algorithm,
                    std::string_view signed_bytes, std::string_view signature) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) {
    return key.id == key_id && (key.algorithm.empty() || key.algorithm == name_of(algorithm)) &&
           key.key.verify(algorithm, signed_bytes, signature);
  });
}

}  // namespace cpis::auth
