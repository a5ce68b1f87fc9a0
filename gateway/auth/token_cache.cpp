#include "gateway/auth/token_cache.h"

#include <cstring>
#include <utility>

namespace cpis::auth {

// The bytes of a SHA-256 are a hash already.
std::size_t TokenCache::Hasher::operator()(const store::Sha256& hash) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

const TokenCache::Part& TokenCache::part_of(const store::Sha256& token) const {
  return parts_[static_cast<unsigned char>(token.back()) % parts_count];
}

std::optional<CheckedToken> TokenCache::find(const store::Sha256& token, Time now) const {
  const Part& part = part_of(token);
  const std::lock_guard lock{part.mutex};
  const auto found = part.tokens.find(token);
  if (found == part.tokens.end() || now >= found->second.until) return std::nullopt;
  return found->second;
}

void TokenCache::put(const store::Sha256& token, CheckedToken checked) {
  Part& part = parts_[static_cast<unsigned char>(token.back()) % parts_count];
  const std::lock_guard lock{part.mutex};
  if (!part.tokens.insert_or_assign(token, std::move(checked)).second) return;
  part.order.push_back(token);
  if (part.order.size() <= part_max_) return;
  part.tokens.erase(part.order.front());
  part.order.pop_front();
}

void TokenCache::clear() {
  for (Part& part : parts_) {
    const std::lock_guard lock{part.mutex};
    part.tokens.clear();
    part.order.clear();
  }
}

}  // namespace cpis::auth
