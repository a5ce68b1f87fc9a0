#include "gateway/register/register_view.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/core/rules/access_history.h"
#include "gateway/register/caller_text.h"

namespace cpis::registry {
namespace {

// Callers are few and looks are many, so looks share them. Past this many distinct callers (a
// deployment with every user of many trusts) a look has its own copy.
constexpr std::size_t shared_callers_max = 100'000;

// Listed looks younger than a day can hide later ones, so they stay even beyond the 25 shown.
constexpr std::size_t accesses_kept_max = 256;

bool same_plan(const StoredPlan& stored, std::string_view council, const Plan& plan) {
  return stored.plan.type == plan.type && stored.plan.start.day == plan.start.day &&
         stored.council->ods_code == council;
}

bool shown(const StoredPlan& stored, Date today, const rules::VisibilitySettings& settings) {
  return rules::is_visible(stored.plan, stored.birth_date, today, settings);
}

HeldPlan held(NhsNumber person, const StoredPlan& stored, const Council& council) {
  PlanSubject subject{person,      stored.local_id,   stored.local_id_authority,
                      stored.name, stored.birth_date, stored.is_mother};
  return {stored.plan, council, std::move(subject), stored.recorded, stored.id};
}

}  // namespace

RegisterView::Shard& RegisterView::shard_of(NhsNumber person) {
  return shards_[(person.value() / 10) % shard_count];  // the check digit says nothing new
}
const RegisterView::Shard& RegisterView::shard_of(NhsNumber person) const {
  return shards_[(person.value() / 10) % shard_count];
}

std::shared_ptr<const Caller> RegisterView::shared(const Caller& caller) {
  std::string key = to_text(caller);
  const std::lock_guard lock{shared_mutex_};
  if (const auto found = callers_.find(key); found != callers_.end()) return found->second;
  auto made = std::make_shared<const Caller>(caller);
  if (callers_.size() < shared_callers_max) callers_.emplace(std::move(key), made);
  return made;
}

void RegisterView::put_council(const Council& council) {
  const std::lock_guard lock{shared_mutex_};
  councils_[council.ods_code] = std::make_shared<const Council>(council);
}

std::shared_ptr<const Council> RegisterView::council(std::string_view ods_code) const {
  const std::shared_lock lock{shared_mutex_};
  const auto found = councils_.find(std::string{ods_code});
  return found == councils_.end() ? nullptr : found->second;
}

std::vector<Council> RegisterView::councils() const {
  std::vector<Council> all;
  {
    const std::shared_lock lock{shared_mutex_};
    for (const auto& [code, council] : councils_) all.push_back(*council);
  }
  std::sort(all.begin(), all.end(),
            [](const Council& a, const Council& b) { return a.ods_code < b.ods_code; });
  return all;
}

void RegisterView::put_plan(NhsNumber person, StoredPlan plan) {
  {
    const std::lock_guard lock{shared_mutex_};
    people_by_plan_[plan.id] = person.value();
  }
  Shard& shard = shard_of(person);
  const std::lock_guard lock{shard.mutex};
  std::vector<StoredPlan>& plans = shard.people[person.value()].plans;
  const auto same = std::find_if(plans.begin(), plans.end(), [&](const StoredPlan& stored) {
    return same_plan(stored, plan.council->ods_code, plan.plan);
  });
  if (same == plans.end()) {
    plans.push_back(std::move(plan));
  } else {
    *same = std::move(plan);
  }
}

void RegisterView::remove_plan(NhsNumber person, std::string_view council, const Plan& plan) {
  Shard& shard = shard_of(person);
  const std::lock_guard lock{shard.mutex};
  const auto found = shard.people.find(person.value());
  if (found == shard.people.end()) return;
  std::erase_if(found->second.plans,
                [&](const StoredPlan& stored) { return same_plan(stored, council, plan); });
  // The id stays known: a read of it finds the person and no plan, as it should.
}

void RegisterView::replace_plans(NhsNumber person, std::string_view council,
                                 std::vector<StoredPlan> plans) {
  {
    const std::lock_guard lock{shared_mutex_};
    for (const StoredPlan& plan : plans) people_by_plan_[plan.id] = person.value();
  }
  Shard& shard = shard_of(person);
  const std::lock_guard lock{shard.mutex};
  std::vector<StoredPlan>& held = shard.people[person.value()].plans;
  std::erase_if(held,
                [&](const StoredPlan& stored) { return stored.council->ods_code == council; });
  std::move(plans.begin(), plans.end(), std::back_inserter(held));
}

std::optional<NhsNumber> RegisterView::person_of(std::string_view plan_id) const {
  const std::shared_lock lock{shared_mutex_};
  const auto found = people_by_plan_.find(std::string{plan_id});
  return found == people_by_plan_.end() ? std::nullopt : NhsNumber::from_value(found->second);
}

void RegisterView::add_access(const AccessEvent& access) {
  auto by = shared(access.by);
  Shard& shard = shard_of(access.person);
  const std::lock_guard lock{shard.mutex};
  std::vector<StoredAccess>& listed = shard.people[access.person.value()].accesses;
  for (auto seen = listed.rbegin(); seen != listed.rend(); ++seen) {
    if (access.at - seen->at >= rules::same_author_window) break;
    if (seen->id == access.id || rules::same_author(access.by, *seen->by)) return;
  }
  listed.push_back({access.at, access.id, std::move(by)});
  const bool oldest_hides_nothing = access.at - listed.front().at >= rules::same_author_window;
  if (listed.size() > accesses_kept_max ||
      (listed.size() > rules::accesses_listed_max && oldest_hides_nothing)) {
    listed.erase(listed.begin());
  }
}

std::optional<ProtectionRecord> RegisterView::find(
    NhsNumber person, Date today, const rules::VisibilitySettings& settings) const {
  const Shard& shard = shard_of(person);
  const std::shared_lock lock{shard.mutex};
  const auto found = shard.people.find(person.value());
  if (found == shard.people.end()) return std::nullopt;
  ProtectionRecord record{person, {}, {}};
  for (const StoredPlan& stored : found->second.plans) {
    if (!shown(stored, today, settings)) continue;
    // The telephone numbers of today, not those of the upload that brought the plan.
    const auto current = council(stored.council->ods_code);
    record.plans.push_back(held(person, stored, current ? *current : *stored.council));
  }
  if (record.plans.empty()) return std::nullopt;
  const std::vector<StoredAccess>& accesses = found->second.accesses;
  const std::size_t count = std::min(accesses.size(), rules::accesses_listed_max);
  record.accesses.reserve(count);
  for (auto it = accesses.rbegin(); record.accesses.size() < count; ++it) {
    record.accesses.push_back({it->id, it->at, person, *it->by});
  }
  return record;
}

std::vector<NoticeTarget> RegisterView::responsible(
    NhsNumber person, Date today, const rules::VisibilitySettings& settings) const {
  const Shard& shard = shard_of(person);
  const std::shared_lock lock{shard.mutex};
  std::vector<NoticeTarget> targets;
  const auto found = shard.people.find(person.value());
  if (found == shard.people.end()) return targets;
  for (const StoredPlan& stored : found->second.plans) {
    if (!shown(stored, today, settings)) continue;
    const auto same = std::find_if(targets.begin(), targets.end(), [&](const NoticeTarget& t) {
      return t.council->ods_code == stored.council->ods_code;
    });
    if (same == targets.end()) {
      targets.push_back(
          {stored.council, stored.local_id, stored.local_id_authority, stored.upload_sequence});
    } else if (stored.upload_sequence > same->upload_sequence) {
      same->upload_sequence = stored.upload_sequence;
    }
  }
  return targets;
}

std::optional<std::string> RegisterView::id_of(NhsNumber person, std::string_view council,
                                               const Plan& plan) const {
  const Shard& shard = shard_of(person);
  const std::shared_lock lock{shard.mutex};
  const auto found = shard.people.find(person.value());
  if (found == shard.people.end()) return std::nullopt;
  for (const StoredPlan& stored : found->second.plans) {
    if (same_plan(stored, council, plan)) return stored.id;
  }
  return std::nullopt;
}

RegisterView::Counts RegisterView::counts() const {
  Counts counts;
  for (const Shard& shard : shards_) {
    const std::shared_lock lock{shard.mutex};
    for (const auto& [number, person] : shard.people) {
      if (!person.plans.empty()) ++counts.people;
      counts.plans += person.plans.size();
      counts.accesses += person.accesses.size();
    }
  }
  return counts;
}

}  // namespace cpis::registry
