#pragma once

#include <optional>

#include "adapters/core/attendance.h"
#include "adapters/core/finding.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// The visit that PV1 and PV2 describe (hl7v2.md 1.1). Nothing when there is no PV1, or when it
/// says nothing about a visit (`PV1||U` on persons' updates).
///
/// `state` of the result is left unknown; adt_reader decides it from the event. `details` are used
/// to tell an expectant mother from a newborn or a man.
std::optional<VisitDetails> read_visit(const Message& message, const PatientDetails& details,
                                       const FeedSettings& settings, Findings& findings);

}  // namespace cpis::hl7v2
