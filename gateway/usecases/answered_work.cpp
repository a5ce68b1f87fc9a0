#include "gateway/usecases/answered_work.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/social_care/work_list.h"
#include "gateway/usecases/council_book.h"

namespace cpis::usecases {
namespace {

using social_care::KnownRecord;
using social_care::WorkEntry;
using social_care::WorkItem;
using social_care::WorkKind;

bool told_by_answers(WorkKind kind) {
  return kind == WorkKind::rejected || kind == WorkKind::end_not_acknowledged ||
         kind == WorkKind::inactive_number;
}

// The people of the council whose number is out of use. Whether there is another number is said,
// never which.
Result<std::vector<social_care::InactiveNumber>> inactive_of(
    const registry::Register& registry, std::string_view council,
    const std::vector<KnownRecord>& known) {
  std::vector<social_care::InactiveNumber> out;
  const auto numbers = registry.inactive_numbers(council);
  if (!numbers) return numbers.error();
  std::set<std::string> told;
  for (const KnownRecord& one : known) {
    if (!one.accepted || one.life == social_care::Life::deleted) continue;
    const NhsNumber& number = one.accepted->number;
    if (std::find(numbers->begin(), numbers->end(), number) == numbers->end()) continue;
    if (!told.insert(one.key.person_key).second) continue;
    const auto replacements = registry.replacements_of(number);
    if (!replacements) return replacements.error();
    out.push_back({one.key.person_key, !replacements->empty()});
  }
  return out;
}

}  // namespace

Status refresh_answered_work(store::Database& database, const registry::Register& registry,
                             std::string_view council, Date today) {
  std::vector<KnownRecord> known;
  const Status read = database.read([&](store::Session& session) -> Status {
    auto records = known_records(session, council);
    if (!records) return records.error();
    known = *std::move(records);
    return done;
  });
  if (!read) return read;
  const auto inactive = inactive_of(registry, council, known);
  if (!inactive) return inactive.error();
  social_care::WorkItems answered{today};
  for (const KnownRecord& one : known) answered.add(one);
  for (const social_care::InactiveNumber& one : *inactive) answered.add(one);
  const std::vector<WorkItem> told = answered.sorted();
  return database.write([&](store::Session& session) -> Status {
    const auto before = work_list(session, council, true);
    if (!before) return before.error();
    std::vector<WorkItem> items = told;
    for (const WorkEntry& entry : *before) {
      if (entry.open && !told_by_answers(entry.item.kind)) items.push_back(entry.item);
    }
    return put_work_list(session, council, *before, social_care::update(*before, items, today));
  });
}

}  // namespace cpis::usecases
