#pragma once

#include <string>

#include "adapters/core/result.h"

namespace cpis::peers {

/// PEM files of a made-up public-key infrastructure, for tests and demonstrations on one machine.
struct Certificates {
  std::string authority;                       ///< certificate of the issuer of the other two
  std::string server_certificate, server_key;  ///< for `localhost` and 127.0.0.1
  std::string client_certificate, client_key;
};

/// Makes new keys and certificates, valid for one day, as files in `folder` (which must exist).
/// Keys are readable by their owner only. Never for anything but a simulation.
Result<Certificates> make_certificates(const std::string& folder);

}  // namespace cpis::peers
