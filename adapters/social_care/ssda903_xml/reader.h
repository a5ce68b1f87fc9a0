#pragma once

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care::ssda903_xml {

/// Reads the looked-after return as XML, EXPSSDA903/CHILD/HEADER and EPISODE (README.md), and an
/// identity crosswalk CSV beside it. Elements that CP-IS does not need are stepped over.
void read_rows(Extract& extract, ExportSet& files, Day today);

}  // namespace cpis::social_care::ssda903_xml
