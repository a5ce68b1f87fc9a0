#pragma once

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care::ssd {

/// Reads the tables of the Standard Safeguarding Dataset as CSV, one file a table, with the columns
/// and file names of the profile (README.md). Every table that the profile names must be there and
/// appear once; files that match no table are left alone with a remark.
void read_rows(Extract& extract, ExportSet& files, Day today);

}  // namespace cpis::social_care::ssd
