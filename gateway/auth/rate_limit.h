#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "gateway/config/settings.h"

namespace cpis::auth {

/// How often each client may come: a bucket of `burst` requests that fills up again at its rate.
/// The number of buckets is that of the configured clients. Safe to call from many threads.
class RateLimits {
 public:
  RateLimits(const std::vector<config::Client>& clients, const Clock& clock);

  /// Takes one request of the client's. 0 when it may go on; else the seconds until the next may.
  int take(const std::string& client) const;

 private:
  struct Bucket {
    std::mutex mutex;
    double per_second = 0;
    double room = 0;
    double left = 0;
    Time filled{};
  };
  std::unordered_map<std::string, std::unique_ptr<Bucket>> buckets_;
  const Clock& clock_;
};

}  // namespace cpis::auth
