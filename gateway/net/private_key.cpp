#include "gateway/net/private_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <cstdio>
#include <utility>

#include "gateway/net/signing.h"

namespace cpis::net {
namespace {

using namespace ossl;

constexpr unsigned rsa_bits = 3072;
constexpr int rsa_bits_min = 2048;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

// A key with a password must fail, not ask on the terminal.
int no_password(char*, int, int, void*) { return -1; }

std::string big_endian(const BIGNUM* number, std::size_t width) {
  std::string text(width == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : width, '\0');
  auto* into = reinterpret_cast<unsigned char*>(text.data());
  return BN_bn2binpad(number, into, static_cast<int>(text.size())) < 0 ? std::string{} : text;
}

// RFC 7518, 3.4: r and s, each as wide as the curve.
std::string from_der(std::string_view der, std::size_t width) {
  const unsigned char* at = bytes(der);
  const Signature pair{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  if (!pair) return {};
  return big_endian(ECDSA_SIG_get0_r(pair.get()), width) +
         big_endian(ECDSA_SIG_get0_s(pair.get()), width);
}

std::string number_in(const EVP_PKEY* key, const char* name, std::size_t width) {
  BIGNUM* number = nullptr;
  const bool found = EVP_PKEY_get_bn_param(key, name, &number) == 1;
  const Bignum owned{number};
  return found ? big_endian(number, width) : std::string{};
}

}  // namespace

Result<PrivateKey> PrivateKey::of(std::shared_ptr<evp_pkey_st> key, const std::string& what) {
  ERR_clear_error();
  const Error wrong{ErrorKind::bad_input,
                    what + " is no RSA (2048 bits or more), P-256 or P-384 private key"};
  if (!key) return wrong;
  if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA) {
    if (EVP_PKEY_get_bits(key.get()) < rsa_bits_min) return wrong;
    return PrivateKey{std::move(key), Kind::rsa};
  }
  std::array<char, 32> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, name.data(),
                                     name.size(), &size) != 1) {
    ERR_clear_error();
    return wrong;
  }
  const std::string_view curve{name.data(), size};
  if (curve == "prime256v1" || curve == "P-256") return PrivateKey{std::move(key), Kind::p256};
  if (curve == "secp384r1" || curve == "P-384") return PrivateKey{std::move(key), Kind::p384};
  return wrong;
}

Result<PrivateKey> PrivateKey::make(Kind kind) {
  EVP_PKEY* made =
      kind == Kind::rsa
          ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{rsa_bits})
          : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind == Kind::p256 ? "P-256" : "P-384");
  return of({made, EVP_PKEY_free}, "the new key");
}

Result<PrivateKey> PrivateKey::open(const std::string& file) {
  const std::unique_ptr<std::FILE, CloseFile> in{std::fopen(file.c_str(), "rb")};
  if (!in) return Error{ErrorKind::bad_input, "cannot open the key " + file};
  return of({PEM_read_PrivateKey(in.get(), nullptr, no_password, nullptr), EVP_PKEY_free}, file);
}

SignatureAlgorithm PrivateKey::algorithm() const {
  if (kind_ == Kind::rsa) return SignatureAlgorithm::rs384;
  return kind_ == Kind::p256 ? SignatureAlgorithm::es256 : SignatureAlgorithm::es384;
}

Result<std::string> PrivateKey::sign(SignatureAlgorithm algorithm, std::string_view text) const {
  const Digest digest{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* context = nullptr;  // the digest's
  std::size_t size = 0;
  const bool ready =
      digest &&
      EVP_DigestSignInit(digest.get(), &context, digest_of(algorithm), nullptr, key_.get()) == 1 &&
      set_padding(context, algorithm) &&
      EVP_DigestSign(digest.get(), nullptr, &size, bytes(text), text.size()) == 1;
  std::string signature(size, '\0');
  auto* into = reinterpret_cast<unsigned char*>(signature.data());
  if (!ready || EVP_DigestSign(digest.get(), into, &size, bytes(text), text.size()) != 1) {
    ERR_clear_error();
    return Error{ErrorKind::fault, "the text could not be signed"};
  }
  signature.resize(size);
  if (kind_ == Kind::rsa) return signature;
  return from_der(signature, kind_ == Kind::p256 ? 32 : 48);
}

Result<PrivateKey::Numbers> PrivateKey::public_numbers() const {
  const bool is_rsa = kind_ == Kind::rsa;
  const std::size_t width = is_rsa ? 0 : kind_ == Kind::p256 ? 32 : 48;
  Numbers numbers{
      number_in(key_.get(), is_rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X, width),
      number_in(key_.get(), is_rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y, width)};
  if (numbers.first.empty() || numbers.second.empty()) {
    ERR_clear_error();
    return Error{ErrorKind::fault, "the key does not give its public numbers"};
  }
  return numbers;
}

Result<std::string> PrivateKey::to_pem() const {
  const Bio out{BIO_new(BIO_s_mem())};
  if (!out ||
      PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    ERR_clear_error();
    return Error{ErrorKind::fault, "the key could not be written"};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string{text, static_cast<std::size_t>(size > 0 ? size : 0)};
}

}  // namespace cpis::net
