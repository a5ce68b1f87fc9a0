#pragma once

#include <string_view>

#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/extract.h"

namespace cpis::social_care::ssda903 {

/// One episode of care as the return writes it, CSV or XML.
struct Episode {
  std::string_view child;
  std::string_view legal_status;  ///< LS
  std::string_view reason_ended;  ///< REC
  DayValue start;                 ///< DECOM
  DayValue end;                   ///< DEC
  RowRef at;
};

/// Adds the episode's legal status to the extract when it is in scope.
void add_episode(Extract& extract, const Episode& episode);

/// Adds a child's birth date; a second row with another date is P01.
void add_child(Extract& extract, std::string_view child, DayValue birth, RowRef at);

}  // namespace cpis::social_care::ssda903
