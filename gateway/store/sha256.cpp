#include "gateway/store/sha256.h"

#include <Poco/Crypto/DigestEngine.h>

#include <algorithm>

namespace cpis::store {

Sha256 sha256(std::string_view bytes) {
  // Finding the algorithm costs more than a short hash, so each thread keeps its engine; `digest`
  // leaves it as it was made.
  thread_local Poco::Crypto::DigestEngine engine{"SHA256"};
  engine.update(bytes.data(), bytes.size());
  const Poco::DigestEngine::Digest& digest = engine.digest();
  Sha256 hash{};
  std::transform(digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(hash.size()),
                 hash.begin(), [](unsigned char byte) { return static_cast<char>(byte); });
  return hash;
}

}  // namespace cpis::store
