#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/hl7v2/alert_writer.h"
#include "adapters/hl7v2/feed_settings.h"
#include "gateway/config/settings.h"

namespace cpis::config {

class Values;

/// The `feed.*` sections, with a finding for each fault.
std::vector<Feed> read_feeds(const Values& values, Findings& findings);

/// How the messages of this feed are read and answered.
hl7v2::FeedSettings reading_of(const Feed& feed);

/// The same for a feed of that name; nothing when there is none.
std::optional<hl7v2::FeedSettings> reading_by_name(const Settings& settings, std::string_view name);

/// The same for messages over HTTP, whose feed is called `name`.
hl7v2::FeedSettings reading_over_http(const Settings& settings, std::string_view name);

/// How alerts are written for this engine: `message` with what the configuration sets.
void apply(const EngineAlert& engine, hl7v2::AlertMessageSettings& message);

}  // namespace cpis::config
