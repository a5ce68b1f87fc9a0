#pragma once

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care::cohort_csv {

/// Reads every file of the set as CP-IS cohort CSV v1: one row per person and plan, `#END,<rows>`
/// last (README.md). A missing or wrong last line means the file was cut and refuses the set, as
/// does a row of another authority.
void read_rows(Extract& extract, ExportSet& files, Day today);

}  // namespace cpis::social_care::cohort_csv
