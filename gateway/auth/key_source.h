#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "gateway/auth/key_set.h"

namespace cpis::auth {

struct KeySourceSettings {
  std::string place = {};      ///< a file, or a URL
  std::string authority = {};  ///< PEM for the URL's certificate; empty: the system's
  Duration refresh = std::chrono::minutes{5};
  Duration look_again = std::chrono::seconds{10};  ///< at most so often for an unknown `kid`
  Duration keep_max =
      std::chrono::hours{24};  ///< keys that could not be read again are used so long
};

/// Where somebody's public keys come from, with rotation: read at start, again each `refresh`, and
/// once more when a token names a key that is not there. A reading that fails leaves the last good
/// keys in use, up to `keep_max`. Safe to call from many threads.
class KeySource {
 public:
  KeySource(KeySourceSettings settings, const Clock& clock)
      : settings_{std::move(settings)}, clock_{clock} {}

  /// The keys as they are; null when there are none (never read, or older than `keep_max`). Does
  /// not block.
  std::shared_ptr<const KeySet> current() const;
  /// Reads them when it is time. Blocks, at most ten seconds.
  void refresh_when_due();
  /// Reads them now, unless that was tried within `look_again`. Blocks, at most ten seconds.
  void look_again();
  /// Whether `look_again` would read.
  bool may_look_again() const;

  std::uint64_t failures() const { return failures_; }

 private:
  void read(Time now);
  Result<std::string> fetch() const;

  const KeySourceSettings settings_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const KeySet> keys_;
  Time read_at_{};
  Time tried_at_{};
  bool tried_ = false;
  std::mutex reading_;  ///< one reads, the others wait
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace cpis::auth
