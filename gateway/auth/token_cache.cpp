#include "gateway/auth/token_cache.h"

#include <utility>

namespace cpis::auth {

// A digest is a hash already.
std::size_t TokenCache::Hasher::operator()(const TokenDigest& hash) const noexcept {
  return static_cast<std::size_t>(hash[0]);
}

const TokenCache::Part& TokenCache::part_of(const TokenDigest& token) const {
  return parts_[token[1] % parts_count];
}

std::optional<CheckedToken> TokenCache::find(const TokenDigest& token, Time now) const {
  const Part& part = part_of(token);
  const std::lock_guard lock{part.mutex};
  const auto found = part.tokens.find(token);
  if (found == part.tokens.end() || now >= found->second.until) return std::nullopt;
  return found->second;
}

void TokenCache::put(const TokenDigest& token, CheckedToken checked) {
  Part& part = parts_[token[1] % parts_count];
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
