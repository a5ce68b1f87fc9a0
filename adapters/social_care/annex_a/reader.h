#pragma once

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care::annex_a {

/// Reads lists 7 (child protection) and 8 (children in care) of an Ofsted Annex A workbook, found
/// by their column headings, and an identity crosswalk CSV beside it (README.md). The other sheets
/// are left alone. A set without either list is refused.
void read_rows(Extract& extract, ExportSet& files, Day today);

}  // namespace cpis::social_care::annex_a
