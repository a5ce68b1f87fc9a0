#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/difference.h"
#include "adapters/social_care/lifecycle.h"

namespace cpis::social_care {

/// Why somebody at the council has to do something. In order of urgency: as long as an end is not
/// loaded, a child stays flagged who should not be.
enum class WorkKind : std::uint8_t {
  end_not_acknowledged,
  delete_approval,
  number_changed,
  start_changed,
  vanished,
  inactive_number,
  rejected,
  missing_number,
  unborn_past_due,
  held,
  unmatched_label,
  notice_undelivered,  ///< a child was seen, and the council's system did not take the notice
  unknown_child,       ///< CP-IS tells of a child that the council never told it of
};
inline constexpr std::size_t work_kinds = 13;
std::string_view name_of(WorkKind kind);

/// One thing to do. It names the person by the council's own id only.
struct WorkItem {
  WorkKind kind = WorkKind::held;
  std::string person_key;           ///< empty for a label
  std::string subject;              ///< plan type and start, or the label
  std::string reason;               ///< rule ids or the answer's code, separated by spaces
  std::string text;                 ///< what it means and what to do
  bool restricted = false;          ///< sensitive record: few may see it
  std::optional<int> age;           ///< of the child in years, when known
  std::optional<int> days_on_plan;  ///< since the plan began

  /// The same for the same matter on every day.
  std::string id() const;
};

/// An item with its history.
struct WorkEntry {
  enum class Event : std::uint8_t { opened, changed, taken, resolved, reopened, approved };
  struct Step {
    Date day{};
    Event event = Event::opened;
    std::string who;  ///< empty: the gateway itself
  };

  WorkItem item;
  Date since{};
  bool open = true;
  std::string owner;  ///< who has taken it; empty: nobody
  std::vector<Step> history;
};

inline constexpr std::size_t work_events = 6;

/// A number that CP-IS told us is no longer in use.
struct InactiveNumber {
  std::string person_key;
  bool replaced = false;
};

/// Collects everything that has to be done now, as it becomes known.
class WorkItems {
 public:
  explicit WorkItems(Date today) : today_{today} {}

  void add(const CanonicalRecord& record);
  void add(const KnownRecord& known);
  void add(const Doubt& doubt);
  void add(const InactiveNumber& number);
  /// A legal status that nobody has mapped.
  void add_label(const std::string& label, std::size_t count);

  /// Most urgent first; the collection is done.
  std::vector<WorkItem> sorted();

 private:
  WorkItem base(const RecordKey& key) const;

  Date today_;
  std::vector<WorkItem> items_;
};

/// Brings the list up to date: new matters are opened, those that are gone are resolved, those that
/// come back are reopened. Owners and history stay. Resolved entries older than `kept_days` go.
/// Matters of notices are left alone: an extract says nothing about them.
std::vector<WorkEntry> update(std::vector<WorkEntry> entries, std::span<const WorkItem> items,
                              Date today, int kept_days = 365);

/// Somebody takes the item; false when there is no open one with this id.
bool take(std::vector<WorkEntry>& entries, std::string_view id, std::string_view who, Date today);

/// Somebody says that it is dealt with; false when there is no open one with this id. It comes back
/// by itself when the next extract still has it.
bool close(std::vector<WorkEntry>& entries, std::string_view id, std::string_view who, Date today);

/// A delete, another NHS number, another start: nothing is sent until two people approve it.
bool needs_two_people(WorkKind kind);
/// One of them does. `not_found`: no open item has this id; `bad_input`: its matter is not for two
/// people; `conflict`: they did already, or nobody else is needed.
Status approve(std::vector<WorkEntry>& entries, std::string_view id, std::string_view who,
               Date today);
/// Who approves what the item says now; what they approved before it changed does not count.
std::vector<std::string> approvers_of(const WorkEntry& entry);
/// The decisions of two people among open items.
std::vector<Approval> approvals_of(std::span<const WorkEntry> entries);

std::string work_list_csv(std::span<const WorkEntry> entries, Date today);
std::string work_list_json(std::span<const WorkEntry> entries, Date today);

}  // namespace cpis::social_care
