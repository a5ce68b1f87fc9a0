#include "gateway/net/jwt_signer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <utility>

namespace cpis::net {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// A key with a password must fail, not ask on the terminal.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

Result<JwtSigner> JwtSigner::open(const std::string& key_file) {
  const std::unique_ptr<std::FILE, CloseFile> file{std::fopen(key_file.c_str(), "rb")};
  if (!file) return Error{ErrorKind::bad_input, "cannot open the signing key " + key_file};
  std::shared_ptr<EVP_PKEY> key{PEM_read_PrivateKey(file.get(), nullptr, no_password, nullptr),
                                EVP_PKEY_free};
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return Error{ErrorKind::bad_input, "no RSA private key in " + key_file};
  }
  return JwtSigner{std::move(key)};
}

Result<std::string> JwtSigner::sign(const spine::ClientAssertion& assertion) const {
  const std::string input = spine::signing_input(assertion);
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context{EVP_MD_CTX_new()};
  const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
  std::size_t size = 0;
  const bool sized =
      context &&
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha512(), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes, input.size()) == 1;
  std::string signature(size, '\0');
  auto* into = reinterpret_cast<unsigned char*>(signature.data());
  if (!sized || EVP_DigestSign(context.get(), into, &size, bytes, input.size()) != 1) {
    return Error{ErrorKind::fault, "the assertion could not be signed"};
  }
  signature.resize(size);
  return spine::finish_jwt(input, signature);
}

}  // namespace cpis::net
