#pragma once

#include <string>

#include "adapters/core/attendance.h"
#include "adapters/core/finding.h"

namespace cpis::test {

/// Every value of an event as text, one a line, absent ones left out: what golden cases compare.
std::string event_text(const AdtEvent& event);

/// One finding a line.
std::string findings_text(const Findings& findings);

}  // namespace cpis::test
