#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"

namespace cpis::hl7v2 {

/// What one frame, file or HTTP body holds.
struct Batch {
  bool has_envelope = false;               ///< FHS or BHS was there
  std::string_view envelope;               ///< the first FHS or BHS line; empty without one
  std::vector<std::string_view> messages;  ///< views of the input, each from its MSH on
};

/// Cuts `[FHS] { [BHS] { message } [BTS] } [FTS]` (HL7 v2.4, 2.15.2) into messages, at most
/// `messages_max`; more leave a fatal finding and none is returned. Input that is one message is a
/// batch of one; input without MSH gives none. A count in BTS-1 that is wrong, text outside any
/// message and an envelope segment inside one leave a finding. MSH counts as a new message only at
/// the start of a line.
Batch split_batch(std::string_view bytes, Findings& findings, std::size_t messages_max = 100'000);

}  // namespace cpis::hl7v2
