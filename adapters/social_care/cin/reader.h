#pragma once

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care::cin {

/// Reads the children in need census, Message/Children/Child, for child protection plans and unborn
/// children (README.md), and an identity crosswalk CSV beside it. Read leniently: what CP-IS does
/// not need may have any shape. Another authority's file is refused (F04).
void read_rows(Extract& extract, ExportSet& files, Day today);

}  // namespace cpis::social_care::cin
