#include "gateway/store/sha256.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace cpis::store {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* thing) const noexcept {
    Free(thing);
  }
};
using Algorithm = std::unique_ptr<EVP_MD, Freed<EVP_MD_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

// Finding the algorithm costs more than a short hash: it is found once, and each thread keeps its
// context, which is begun anew without finding it again.
const EVP_MD* algorithm() {
  static const Algorithm found{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  return found.get();
}

EVP_MD_CTX* own_context() {
  thread_local const Context context{EVP_MD_CTX_new()};
  return context.get();
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  EVP_MD_CTX* const context = own_context();
  Sha256 hash{};
  const bool hashed =
      EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1 &&
      EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
      EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(hash.data()), nullptr) == 1;
  if (!hashed) throw std::runtime_error{"OpenSSL does not hash"};
  return hash;
}

}  // namespace cpis::store
