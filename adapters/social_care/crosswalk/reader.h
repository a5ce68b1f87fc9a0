#pragma once

#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/extract.h"

namespace cpis::social_care::crosswalk {

/// True when the header is that of an identity crosswalk (README.md).
bool is_crosswalk(const CsvTable& table);

/// Adds who the people of a statutory return are: NHS number, name, birth date, mother. What the
/// return says itself must agree (P01, P04).
void read_rows(CsvTable& table, Extract& extract);

}  // namespace cpis::social_care::crosswalk
