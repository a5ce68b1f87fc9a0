#pragma once

#include <functional>

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care {

/// Gives every `*.xml` of the set to `read` and every `*.csv` to the crosswalk reader; other files
/// are left alone with a remark. A set without XML is refused (F01).
void read_xml_files(Extract& extract, ExportSet& files,
                    const std::function<void(Source& source)>& read);

/// Reads the CSV files of the set that are identity crosswalks; anything but `*.csv` is left to
/// the caller and any other CSV refuses the set.
void read_crosswalks(Extract& extract, ExportSet& files);

}  // namespace cpis::social_care
