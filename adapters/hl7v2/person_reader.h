#pragma once

#include "adapters/core/attendance.h"
#include "adapters/core/finding.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// Who the PID says the patient is: NHS number from PID-3, 2, 4 and 19, its tracing status from
/// CX-2, PID-32 or ZU1-27, local identifiers from PID-3, 2 and 4. What is marked as an NHS number
/// never becomes a local identifier, so that a placeholder cannot join two patients.
PatientIdentity read_identity(const Message& message, const Segment& pid,
                              const FeedSettings& settings, Findings& findings);

/// True: `read_identity` would find a number or a local identifier. False says nothing: PID-3 alone
/// is looked at, and no further than to the first identifier.
bool surely_identifies(const Field& pid_3, const FeedSettings& settings);

/// A losing identity of an MRG: NHS number and local identifiers from MRG-1, 4 and 2. A bare
/// number takes the authority and type of the survivor's first local identifier.
PatientIdentity read_merged_away(const Segment& mrg, const PatientIdentity& survivor,
                                 const FeedSettings& settings, Findings& findings);

/// Names, birth date, sex, addresses, telecoms, practice and death from PID and PD1, shielding
/// from ZU8-4 and PD1-12 (hl7v2.md 1.1). `sent` is the message's own time, against which a birth
/// date is judged.
PatientDetails read_details(const Message& message, const Segment& pid, std::optional<Time> sent,
                            const FeedSettings& settings, Findings& findings);

}  // namespace cpis::hl7v2
