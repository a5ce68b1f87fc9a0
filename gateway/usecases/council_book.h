#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/social_care/difference.h"
#include "adapters/social_care/lifecycle.h"
#include "adapters/social_care/work_list.h"
#include "gateway/store/database.h"

// The durable memory of each council: what CP-IS holds of it, which extract was used last, and
// what its staff have to do. Everything runs inside a work or a read.

namespace cpis::usecases {

/// All records that were ever sent for a council. A row that cannot be understood is a `fault`:
/// nothing may be sent on half a memory.
Result<std::vector<social_care::KnownRecord>> known_records(store::Session& session,
                                                            std::string_view council);
Status put_known(store::Session& session, std::string_view council,
                 const social_care::KnownRecord& known);

/// People in the order of their keys: after `after`, up to and with `to`.
struct PeopleRange {
  std::string_view after;
  std::string_view to;
};
/// What of upload `sequence` is still unanswered was loaded as an open plan, for all these people
/// at once. (Ends, deletes and refusals have to be put first.)
Status accept_sent(store::Session& session, std::string_view council, PeopleRange people,
                   std::int64_t sequence, Date today);

Result<std::optional<social_care::ExtractIdentity>> last_extract(store::Session& session,
                                                                 std::string_view council);
Status put_extract(store::Session& session, std::string_view council,
                   const social_care::ExtractIdentity& extract, Time now);

/// The councils that have a work list, in order.
Result<std::vector<std::string>> councils_with_work(store::Session& session);
/// Most urgent first; resolved ones too, behind the open ones, when `all`. At most
/// `work_entries_max`.
Result<std::vector<social_care::WorkEntry>> work_list(store::Session& session,
                                                      std::string_view council, bool all);
inline constexpr int work_entries_max = 200000;

/// Brings the stored list from `before` to `after`.
Status put_work_list(store::Session& session, std::string_view council,
                     std::span<const social_care::WorkEntry> before,
                     std::span<const social_care::WorkEntry> after);

/// What a person does with an item of a work list.
enum class WorkAct { take, close, approve };
struct WorkDeed {
  WorkAct act = WorkAct::take;
  std::string council;
  std::string item;  ///< its id, as the list shows it
  std::string who;   ///< not empty
};
/// `not_found` when the council has no such open item; approving has its own errors (work_list.h).
/// The history keeps who did it, and the audit keeps it for good.
Status act_on_work(store::Database& database, const WorkDeed& deed, Time now);

/// Puts one item on the council's list, or says that it is settled; harmless when it is so already.
Status raise_work(store::Database& database, std::string_view council,
                  const social_care::WorkItem& item, Date today);
Status settle_work(store::Database& database, std::string_view council,
                   const social_care::WorkItem& item, Date today);

/// True when the council has ever told CP-IS of a record of this person: by its own id, or by the
/// number.
Result<bool> knows_person(store::Session& session, std::string_view council,
                          std::string_view person_key, const NhsNumber& number);
/// Puts an item on the council's list that was never there; one that was settled stays settled.
Status raise_once(store::Session& session, std::string_view council,
                  const social_care::WorkItem& item, Date today);

/// How old the newest extract is that a council used whole; councils without one are left out.
struct ExtractAge {
  std::string council;
  std::chrono::seconds age{};
};
Result<std::vector<ExtractAge>> extract_ages(store::Database& database, Time now);

/// The work list of one council, or of all when it is empty:
/// `{"councils":[{"council":"E10","items":[...]}]}`.
Result<std::string> work_lists_json(store::Database& database, std::string_view council, bool all,
                                    Date today);

}  // namespace cpis::usecases
