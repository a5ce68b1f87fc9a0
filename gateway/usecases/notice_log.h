#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

/// Somebody opened a notice.
struct NoticeOpening {
  Time at{};
  std::string who;
  std::string source;  ///< through which door: a client's name, or the command line
};

/// Who opens a notice.
struct Opener {
  std::string who;  ///< not empty: a person, or the client's name
  std::string source;
};

/// Notes in the audit trail that a notice was opened, before anything of it is shown. A delivered
/// notice is acknowledged by it. `not_found` when there is no such notice.
Status note_opening(store::Database& database, const Clock& clock, std::string_view notice_id,
                    const Opener& opener);

/// Who opened the notice, oldest first, at most `openings_max`.
Result<std::vector<NoticeOpening>> openings_of(store::Database& database,
                                               std::string_view notice_id);
inline constexpr std::size_t openings_max = 1000;

}  // namespace cpis::usecases
