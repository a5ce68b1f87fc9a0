#pragma once

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care::dfe_csc {

/// Reads the DfE's children's social care JSON for child protection plans and unborn children
/// (README.md), and an identity crosswalk CSV beside it. Its looked-after placements carry no legal
/// status, so whether they are in scope cannot be decided: they are counted as L02 and not sent.
void read_rows(Extract& extract, ExportSet& files, Day today);

}  // namespace cpis::social_care::dfe_csc
