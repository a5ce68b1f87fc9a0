#pragma once

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care::ssda903 {

/// Reads the CSV files of the looked-after return: header and episodes, recognised by their columns
/// and not by their names, with an identity crosswalk beside them (README.md). Other files of the
/// return are left alone. A set without episodes is refused.
void read_rows(Extract& extract, ExportSet& files, Day today);

}  // namespace cpis::social_care::ssda903
