#pragma once

#include <memory>

#include "adapters/core/finding.h"
#include "adapters/core/result.h"
#include "gateway/config/settings.h"
#include "gateway/usecases/feed_mappings.h"

namespace cpis::app {

/// The v2-to-FHIR tables of each feed, with what `feed.NAME.mapping` lays over them; messages over
/// HTTP have those of the feed that `hl7v2.http.feed` names. Reads files: at start.
usecases::FeedMappings read_feed_mappings(const config::Settings& settings, Findings& findings);

/// The same; an error names every fault with its file, line and reason.
Result<std::shared_ptr<const usecases::FeedMappings>> load_feed_mappings(
    const config::Settings& settings);

}  // namespace cpis::app
