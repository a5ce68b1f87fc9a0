#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis::net {

/// Text that only holders of the key can read or make: AES-256-GCM with a random nonce, as
/// base64url without padding. Immutable; safe to share between threads.
class SealedText {
 public:
  using Key = std::array<unsigned char, 32>;
  explicit SealedText(const Key& key) : key_{key} {}

  /// `context` is not part of the result but must be the same when it is opened: a text sealed for
  /// one purpose or client is worthless for another.
  Result<std::string> seal(std::string_view text, std::string_view context) const;
  /// Nothing when it was not sealed with this key for this context, or was changed.
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

 private:
  Key key_;
};

}  // namespace cpis::net
