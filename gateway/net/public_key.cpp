#include "gateway/net/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/net/openssl_handles.h"
#include "gateway/net/signing.h"

namespace cpis::net {
namespace {

using namespace ossl;

constexpr std::array<std::string_view, 8> names{"RS256", "RS384", "RS512", "PS256",
                                                "PS384", "PS512", "ES256", "ES384"};
constexpr std::size_t rsa_bytes_min = 256;
constexpr std::size_t rsa_bytes_max = 1024;
constexpr std::size_t exponent_bytes_max = 8;

// A key from its numbers; null when OpenSSL finds that they do not belong together.
std::shared_ptr<EVP_PKEY> key_of(const char* type, OSSL_PARAM* params) {
  EVP_PKEY* made = nullptr;
  const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  if (!context || params == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  std::shared_ptr<EVP_PKEY> key{made, EVP_PKEY_free};
  const KeyContext check{EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr)};
  if (check && EVP_PKEY_public_check(check.get()) == 1) return key;
  ERR_clear_error();
  return nullptr;
}

Bignum number_of(std::string_view big_endian) {
  return Bignum{BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr)};
}

// RFC 7518, 3.4: r and s, each as wide as the curve; OpenSSL wants them in DER.
std::string to_der(std::string_view signature) {
  const std::size_t half = signature.size() / 2;
  const Signature pair{ECDSA_SIG_new()};
  Bignum r = number_of(signature.substr(0, half));
  Bignum s = number_of(signature.substr(half));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // the pair's now
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  std::string text;
  if (size > 0) text.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

std::optional<SignatureAlgorithm> algorithm_named(std::string_view name) {
  const auto* found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<SignatureAlgorithm>(found - names.begin());
}

std::string_view name_of(SignatureAlgorithm algorithm) {
  return names[static_cast<std::size_t>(algorithm)];
}

Result<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
  while (modulus.starts_with('\0')) modulus.remove_prefix(1);
  if (modulus.size() < rsa_bytes_min || modulus.size() > rsa_bytes_max || exponent.empty() ||
      exponent.size() > exponent_bytes_max) {
    return Error{ErrorKind::bad_input, "an RSA key has 2048 to 8192 bits"};
  }
  const Bignum n = number_of(modulus);
  const Bignum e = number_of(exponent);
  const ParamBuild build{OSSL_PARAM_BLD_new()};
  if (!n || !e || !build || BN_is_odd(e.get()) != 1 || BN_is_one(e.get()) == 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return Error{ErrorKind::bad_input, "the exponent of an RSA key is odd and above one"};
  }
  const Params params{OSSL_PARAM_BLD_to_param(build.get())};
  auto key = key_of("RSA", params.get());
  if (!key) return Error{ErrorKind::bad_input, "the numbers are no RSA key"};
  return PublicKey{std::move(key), Kind::rsa};
}

Result<PublicKey> PublicKey::ec(Curve curve, std::string_view x, std::string_view y) {
  const bool small = curve == Curve::p256;
  const std::size_t width = small ? 32 : 48;
  if (x.size() != width || y.size() != width) {
    return Error{ErrorKind::bad_input, "the coordinates are not as wide as the curve"};
  }
  const std::string point = '\x04' + std::string{x} + std::string{y};
  const ParamBuild build{OSSL_PARAM_BLD_new()};
  if (!build ||
      OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      small ? "P-256" : "P-384", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return Error{ErrorKind::fault, "no memory for a key"};
  }
  const Params params{OSSL_PARAM_BLD_to_param(build.get())};
  auto key = key_of("EC", params.get());
  if (!key) return Error{ErrorKind::bad_input, "the coordinates are no point of the curve"};
  return PublicKey{std::move(key), small ? Kind::p256 : Kind::p384};
}

bool PublicKey::fits(SignatureAlgorithm algorithm) const {
  if (algorithm == SignatureAlgorithm::es256) return kind_ == Kind::p256;
  if (algorithm == SignatureAlgorithm::es384) return kind_ == Kind::p384;
  return kind_ == Kind::rsa;
}

bool PublicKey::verify(SignatureAlgorithm algorithm, std::string_view signed_bytes,
                       std::string_view signature) const {
  if (!fits(algorithm)) return false;
  std::string der;
  if (kind_ != Kind::rsa) {
    if (signature.size() != (kind_ == Kind::p256 ? 64U : 96U)) return false;
    der = to_der(signature);
    signature = der;
  }
  const Digest digest{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* context = nullptr;  // the digest's
  bool good = digest && EVP_DigestVerifyInit(digest.get(), &context, ossl::digest_of(algorithm),
                                             nullptr, key_.get()) == 1;
  good = good && ossl::set_padding(context, algorithm);
  good = good && EVP_DigestVerify(digest.get(), bytes(signature), signature.size(),
                                  bytes(signed_bytes), signed_bytes.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace cpis::net
