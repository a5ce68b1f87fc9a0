#pragma once

#include <string>

#include "adapters/core/finding.h"
#include "adapters/hl7v2/feed_settings.h"

namespace cpis::config {

class Values;

/// What is particular to the messages of one sender, from the keys below `prefix` (`feed.NAME`):
/// codes of its own, where it puts what, which events are acted on (hl7v2.md 6.7). A finding for
/// each fault.
hl7v2::FeedSettings read_dialect(const Values& values, const std::string& prefix,
                                 Findings& findings);

}  // namespace cpis::config
