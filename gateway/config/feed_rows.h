#pragma once

#include <vector>

#include "adapters/core/finding.h"
#include "adapters/hl7v2/alert_writer.h"
#include "gateway/config/settings.h"

namespace cpis::config {

class Values;

/// The `feed.*` sections, with a finding for each fault.
std::vector<Feed> read_feeds(const Values& values, Findings& findings);

/// How alerts are written for this engine: `message` with what the configuration sets.
void apply(const EngineAlert& engine, hl7v2::AlertMessageSettings& message);

}  // namespace cpis::config
