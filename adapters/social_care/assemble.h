#pragma once

#include "adapters/core/time.h"
#include "adapters/social_care/extract.h"

namespace cpis::social_care {

/// Turns the rows of an export into canonical records (socialcare.md 6) and hands them to the
/// extract's sink with their findings; keeps the counts in the extract. Call it once, after every
/// file was read; does nothing when the set was refused. The rows are sorted and released on the
/// way.
void assemble(Extract& extract, Date today);

}  // namespace cpis::social_care
