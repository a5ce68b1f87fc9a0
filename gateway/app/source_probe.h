#pragma once

#include <string>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "gateway/config/settings.h"

namespace cpis::app {

/// One thing that was looked at.
struct Probe {
  bool good = false;
  std::string what;
  std::string says;
};

/// Looks at everything the configured source needs: certificates and their dates, whether the
/// other side answers over TLS, and whether its clock and ours agree. Asks about nobody: no
/// question about a person is sent. Empty for the embedded register. Blocks, for some seconds at
/// most for each thing.
///
/// With `trace` the test person of `pds.test_number` is looked up with PDS, token and all. That
/// leaves no access to a protection record anywhere.
std::vector<Probe> probe_source(const config::Settings& settings, const Clock& clock,
                                bool trace = false);

}  // namespace cpis::app
