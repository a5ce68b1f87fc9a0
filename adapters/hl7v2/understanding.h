#pragma once

#include <optional>
#include <string_view>

#include "adapters/core/attendance.h"
#include "adapters/core/finding.h"
#include "adapters/hl7v2/ack_policy.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/header.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// Everything that one message says, in one value.
struct Understanding {
  MessageHeader header;            ///< always; what an acknowledgement needs
  std::optional<Message> message;  ///< views of the bytes that were read
  std::optional<AdtEvent> event;   ///< absent when the message asks for nothing here
  Findings findings;
  Intake intake = Intake::stored;  ///< how it is to be answered once it is kept
};

/// Reads one message: header, segments, ADT event. `bytes` must outlive the result.
Understanding understand(std::string_view bytes, const FeedSettings& settings);

/// What the answer to a message is made of; its header has views of the bytes that were read.
struct Receipt {
  MessageHeader header;
  Intake intake = Intake::stored;
  Findings findings;  ///< as `understand` gives them when the message is not `stored`
};

/// The header and the intake that `understand` would give, without reading what only processing
/// needs: a small part of its work for nearly every message. `bytes` must outlive the result.
Receipt read_receipt(std::string_view bytes, const FeedSettings& settings);

}  // namespace cpis::hl7v2
