#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "adapters/core/result.h"
#include "gateway/net/clock.h"
#include "gateway/net/tls.h"

namespace cpis::net {

/// The client side of TLS from files that may be replaced while it is in use: certificates are
/// renewed, and a revocation list is out of date within days. Thread-safe.
class FreshConnector {
 public:
  /// `bad_input` names a file that cannot be used.
  static Result<std::unique_ptr<FreshConnector>> open(const TlsClientSettings& settings);
  FreshConnector(TlsClientSettings settings, std::string stamp,
                 std::shared_ptr<TlsConnector> connector);

  /// The one for a connection that begins `now`. The files are looked at every `look_time` at the
  /// most; when new ones cannot be used the old stay in use, and the log says why.
  std::shared_ptr<TlsConnector> at(SteadyTime now);
  static constexpr std::chrono::seconds look_time{5};

 private:
  static std::string stamp_of(const TlsClientSettings& settings);

  const TlsClientSettings settings_;
  std::mutex mutex_;
  std::string stamp_;
  std::shared_ptr<TlsConnector> connector_;
  SteadyTime looked_at_;
};

}  // namespace cpis::net
