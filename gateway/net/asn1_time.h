#pragma once

#include <openssl/asn1.h>

#include <memory>
#include <optional>

#include "adapters/core/time.h"

namespace cpis::net {

/// OpenSSL's time as ours; nothing when there is none or it cannot be read.
inline std::optional<Time> time_of(const ASN1_TIME* when) {
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> epoch{ASN1_TIME_set(nullptr, 0),
                                                               ASN1_TIME_free};
  int days = 0;
  int seconds = 0;
  if (!epoch || when == nullptr || ASN1_TIME_diff(&days, &seconds, epoch.get(), when) != 1) {
    return std::nullopt;
  }
  return Time{} + std::chrono::hours{24} * days + std::chrono::seconds{seconds};
}

}  // namespace cpis::net
