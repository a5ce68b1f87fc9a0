#pragma once

#include "adapters/core/attendance.h"

namespace cpis::rules {

/// The state of an attendance after an event (hl7v2.md 1.1, 2).
///
/// `known` is what was held before, unknown for an attendance not met before. An update never
/// reopens or cancels by itself, and ends a visit only by a discharge time; the first sight of an
/// attendance through an update counts as in progress unless the message says that it ended or is
/// only planned. Persons' updates and merges change nothing.
VisitState state_after(VisitState known, const AdtEvent& event);

}  // namespace cpis::rules
