#include "adapters/social_care/upload_records.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace cpis::social_care {
namespace {

// The groups of one subject, by NHS number and whether as a mother.
std::uint64_t subject_key(const PlanSubject& subject) {
  return subject.nhs_number.value() * 2 + (subject.is_mother ? 1 : 0);
}

bool has_type(const UploadRecord& record, PlanType type) {
  return std::any_of(record.plans.begin(), record.plans.end(),
                     [type](const Plan& plan) { return plan.type == type; });
}

bool has_start(const UploadRecord& record, const Plan& plan) {
  return std::any_of(record.plans.begin(), record.plans.end(), [&plan](const Plan& other) {
    return other.type == plan.type && other.start == plan.start;
  });
}

}  // namespace

bool may_be_sent(const CanonicalRecord& record) {
  const bool state = record.state == RecordState::ready || record.state == RecordState::queried;
  return state && record.subject && record.subject->birth_date;
}

Plan plan_of(const CanonicalRecord& record) {
  Plan plan{record.type, {record.start, 0}, std::nullopt, std::nullopt};
  if (record.end) plan.end = PlanDate{*record.end, 0};
  if (record.deleted) plan.deleted = PlanDate{*record.deleted, 0};
  return plan;
}

std::vector<UploadGroup> to_upload_records(std::span<const CanonicalRecord> records) {
  std::vector<UploadGroup> groups;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> by_subject;
  by_subject.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!may_be_sent(records[i])) continue;
    const Plan plan = plan_of(records[i]);
    auto& mine = by_subject[subject_key(*records[i].subject)];
    const bool repeated = std::any_of(
        mine.begin(), mine.end(), [&](std::size_t g) { return has_start(groups[g].record, plan); });
    if (repeated) continue;
    const auto room = std::find_if(mine.begin(), mine.end(), [&](std::size_t g) {
      return !has_type(groups[g].record, plan.type) &&
             groups[g].record.subject == *records[i].subject;
    });
    if (room != mine.end()) {
      groups[*room].record.plans.push_back(plan);
      groups[*room].members.push_back(i);
      continue;
    }
    mine.push_back(groups.size());
    groups.push_back({{*records[i].subject, {plan}}, {i}});
  }
  return groups;
}

}  // namespace cpis::social_care
