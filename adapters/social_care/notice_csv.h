#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/notice.h"

namespace cpis::social_care {

/// What the council's own records say about the person of a notice.
struct NoticeCase {
  std::string person_key;   ///< local id the case system knows
  std::string person_name;  ///< as the council holds it; empty when not held here
  std::string plans;        ///< for example `CPP, LAC`
  std::string unborn_keys;  ///< the notice is about the mother of these, separated by spaces
  std::string team;         ///< to be told; empty when not known
};
/// Finds the case; nothing when the person is not known here.
using FindCase = std::function<std::optional<NoticeCase>(const NoticeEntry& entry)>;

/// Column layout of one case system. The layouts are ours: what LCS and Mosaic import is set up at
/// the site, and no supplier publishes one.
struct NoticeLayout;
/// Their names.
std::vector<std::string_view> notice_layouts();
/// `generic`, `lcs` or `mosaic`; nullptr for another name.
const NoticeLayout* find_notice_layout(std::string_view name);

/// One row for each look at a record, times in England's clocks. A notice without entries gives one
/// row that says so: somebody has to see it. `received` is when we took the notice.
std::string access_notice_csv(const AccessNotice& notice, const NoticeLayout& layout, Time received,
                              const FindCase& find_case);

/// One row for each number that is no longer in use. It names the person by local id (or, when
/// there is none, by the old number) and says whether a new number was given, never which: old and
/// new number together disclose an adoption.
std::string inactive_notice_csv(const InactiveNotice& notice, const NoticeLayout& layout,
                                Time received);

/// What every notice says beside the facts.
inline constexpr std::string_view access_notice_meaning =
    "The CP-IS record was looked at in unscheduled care. It does not say that harm occurred.";

}  // namespace cpis::social_care
