#include "gateway/auth/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace cpis::auth {

RateLimits::RateLimits(const std::vector<config::Client>& clients, const Clock& clock)
    : clock_{clock} {
  for (const config::Client& client : clients) {
    if (client.rate_per_minute == 0) continue;
    auto bucket = std::make_unique<Bucket>();
    bucket->per_second = client.rate_per_minute / 60.0;
    bucket->room = bucket->left = client.burst;
    bucket->filled = clock.now();
    buckets_.emplace(client.name, std::move(bucket));
  }
}

int RateLimits::take(const std::string& client) const {
  const auto found = buckets_.find(client);
  if (found == buckets_.end()) return 0;
  Bucket& bucket = *found->second;
  const Time now = clock_.now();
  const std::lock_guard lock{bucket.mutex};
  // A clock that was set back fills nothing, and does not stop the filling for long either.
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.filled = now;
  bucket.left = std::min(bucket.room, bucket.left + std::max(0.0, passed) * bucket.per_second);
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return 0;
  }
  return static_cast<int>(std::ceil((1 - bucket.left) / bucket.per_second));
}

}  // namespace cpis::auth
