#pragma once

#include <string_view>

#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/header.h"

namespace cpis::hl7v2 {

/// True: `understand` would give an event and take the message as `stored`. False says nothing: it
/// has to be asked. Looks at where segments begin, at the header and at the first PID-3, which is
/// enough for nearly every message, and costs a small part of indexing it.
///
/// `header` is what `read_header` gave for these bytes, without an error.
bool is_surely_stored(std::string_view bytes, const MessageHeader& header,
                      const FeedSettings& settings);

}  // namespace cpis::hl7v2
