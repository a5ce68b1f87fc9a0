#pragma once

#include <string>

#include "adapters/core/result.h"
#include "adapters/core/time.h"

namespace cpis::net {

/// When the first certificate of a PEM file begins and ends to be valid.
struct CertificateDates {
  Time from{};
  Time until{};
};

/// `bad_input` names a file that cannot be read or holds no certificate.
Result<CertificateDates> read_certificate_dates(const std::string& file);

}  // namespace cpis::net
