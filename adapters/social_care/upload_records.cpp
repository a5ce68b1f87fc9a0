#include "adapters/social_care/upload_records.h"

#include <algorithm>
#include <cstdint>
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

Content UploadDraft::content(const SentPlan& sent) const {
  const UploadRecord& record = records[sent.record];
  return content_of(record.subject, record.plans[sent.plan], sent.open);
}

bool UploadBuilder::add(CanonicalRecord&& record) {
  if (!may_be_sent(record)) return false;
  const Plan plan = plan_of(record);
  const auto next = static_cast<std::uint32_t>(draft_.records.size());
  const auto [mine, first] = newest_.emplace(subject_key(*record.subject), next);
  std::uint32_t room = none;
  for (std::uint32_t at = first ? none : mine->second; at != none; at = before_[at]) {
    const UploadRecord& other = draft_.records[at];
    if (has_start(other, plan)) return false;
    if (!has_type(other, plan.type) && other.subject == *record.subject) room = at;
  }
  if (room == none) {
    room = next;
    before_.push_back(first ? none : mine->second);
    mine->second = next;
    draft_.records.push_back({*std::move(record.subject), {}});
  }
  draft_.records[room].plans.push_back(plan);
  keep(record, room);
  return true;
}

void UploadBuilder::keep(CanonicalRecord& record, std::uint32_t into) {
  SentPlan sent{{std::move(record.person_key), record.type, record.start},
                into,
                static_cast<std::uint16_t>(draft_.records[into].plans.size() - 1),
                record.open,
                0,
                0};
  if (!record.rows.empty()) {
    const SourceRow& row = record.rows.front();
    auto file = std::find(draft_.files.begin(), draft_.files.end(), row.file);
    if (file == draft_.files.end()) file = draft_.files.insert(file, row.file);
    sent.file = static_cast<std::uint16_t>(file - draft_.files.begin());
    sent.line = static_cast<std::uint32_t>(row.line);
  }
  draft_.plans.push_back(std::move(sent));
}

UploadDraft UploadBuilder::take() {
  newest_ = {};
  before_ = {};
  return std::move(draft_);
}

}  // namespace cpis::social_care
