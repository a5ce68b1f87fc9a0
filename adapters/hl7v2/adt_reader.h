#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/attendance.h"
#include "adapters/core/finding.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// What one trigger event asks for.
struct TriggerRule {
  std::string_view trigger;
  AdtAction action;
  VisitState state;          ///< what the event alone says about the visit
  std::string_view meaning;  ///< for `explain`
};

/// Every ADT event that is known, sorted by trigger (HL7 v2.4 to 2.8, table 0003).
std::span<const TriggerRule> trigger_rules();
/// Null for an event that is not known.
const TriggerRule* find_trigger(std::string_view trigger);
/// Whether the event cancels or deletes an earlier one.
bool takes_back(std::string_view trigger);

/// The trigger event: MSH-9.2, else EVN-1, else the front of MSH-9.3; empty when none tells.
std::string trigger_of(const Message& message);

/// Reads an ADT message into what it asks to be done (hl7v2.md 1, issue rules in README.md).
///
/// Nothing, with a finding that says why, when it is no ADT message (HL7-MSH-9a), its event is not
/// known or not acted on by this feed (HL7-MSH-9b), its version is not accepted (HL7-MSH-12), or
/// neither a person nor a visit is identified (HL7-PID-3, fatal, as are a merge without MRG-1 and
/// a missing PID).
/// Values that cannot be read are absent and leave a finding. Findings never hold patient data.
std::optional<AdtEvent> read_adt(const Message& message, const FeedSettings& settings,
                                 Findings& findings);

/// True: `read_adt` would give an event for a message with this header and this PID-3 of its first
/// PID. False says nothing: it has to be asked.
bool is_surely_an_event(const MessageHeader& header, const Field& pid_3,
                        const FeedSettings& settings);

/// An A17 tells of two patients who swapped beds, an A44 or A45 of any number of visits that are
/// moved: the message as it would be if it told of the second alone, of the third, and so on.
/// Nothing for other events and when there is one only. At most 1,000.
std::vector<std::string> further_parts(const Message& message);

}  // namespace cpis::hl7v2
