#include <algorithm>
#include <utility>

#include "adapters/social_care/assembly.h"

namespace cpis::social_care {
namespace {

Day end_or_open(const PlanEntry& plan) { return plan.end == no_day ? open_day : plan.end; }

bool same_span(const PlanEntry& a, const PlanEntry& b) {
  return a.start == b.start && a.end == b.end && a.deleted == b.deleted;
}

// A plan that was entered in error does not overlap anything.
bool counts(const PlanEntry& plan) { return plan.deleted == no_day && plan.start != no_day; }

bool overlap(const PlanEntry& a, const PlanEntry& b) {
  return counts(a) && counts(b) && !same_span(a, b) && a.start < end_or_open(b) &&
         b.start < end_or_open(a);
}

bool kind_agrees(const PlanEntry& a, const PlanEntry& b) {
  const bool a_lac = a.declared == PlanType::lac;
  const bool b_lac = b.declared == PlanType::lac;
  return a_lac == b_lac;
}

}  // namespace

void Assembly::plans_of(PersonId person, std::span<const PlanEntry> plans) {
  const bool too_many = plans.size() > rows_of_one_person_max;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const PlanEntry& plan = plans[i];
    const auto is_repeat = [&plan](const PlanEntry& other) {
      return kind_agrees(plan, other) && same_span(plan, other) && plan.rules.empty();
    };
    RuleSet rules = plan.rules;
    if (too_many) {
      rules.add(Rule::c03);
      plan_record(person, plan, rules);
      continue;
    }
    const auto before = plans.first(i);
    if (std::any_of(before.begin(), before.end(), is_repeat)) continue;
    for (const PlanEntry& other : plans) {
      if (&other != &plan && kind_agrees(plan, other) && overlap(plan, other)) {
        rules.add(Rule::c03);
      }
    }
    plan_record(person, plan, rules);
  }
}

// One row becomes a plan on the child, a plan on the mother, or one of each when it spans a birth.
void Assembly::plan_record(PersonId person, const PlanEntry& plan, RuleSet rules) {
  const bool ends_early = plan.end != no_day && plan.start != no_day && plan.end < plan.start;
  if (plan.start == no_day || plan.start > today_) rules.add(Rule::c01);
  if (plan.deleted != no_day) rules.add(Rule::d03);
  if (ends_early) rules.add(Rule::c02);
  const Birth& birth = births_[person];
  if (plan.declared == PlanType::lac) {
    return born_record(person, plan, PlanType::lac, plan.start, rules);
  }
  if (birth.state == Birth::State::unborn) {
    const bool open = plan.end == no_day;
    return unborn_record(person, plan, plan.start, open ? birth.day : plan.end, open, rules);
  }
  const bool early =
      birth.state == Birth::State::born && plan.start != no_day && plan.start < birth.day;
  if (!early) {
    if (plan.declared == PlanType::ucp) rules.add(Rule::p05);
    return born_record(person, plan, PlanType::cpp, plan.start, rules);
  }
  if (plan.start < birth.day - pregnancy_days_max || ends_early) {
    rules.add(Rule::c01);
    return born_record(person, plan, PlanType::cpp, plan.start, rules);
  }
  const Day split = std::min(birth.day, end_or_open(plan));
  unborn_record(person, plan, plan.start, split, false, rules);
  if (end_or_open(plan) > birth.day) {
    born_record(person, plan, PlanType::cpp, birth.day, rules);
  }
}

void Assembly::born_record(PersonId person, const PlanEntry& plan, PlanType type, Day start,
                           RuleSet rules) {
  CanonicalRecord record = record_of(person, type, start, plan.at);
  if (!plan.key.empty()) record.plan_keys.push_back(plan.key);
  record.open = plan.end == no_day && plan.deleted == no_day;
  record.adopted = plan.adopted;
  if (plan.end != no_day) record.end = to_date(plan.end);
  if (plan.deleted != no_day) record.deleted = to_date(plan.deleted);
  record.rules = rules;
  judge(record, person, plan.at);
  finish(std::move(record), plan.at);
}

void Assembly::unborn_record(PersonId child, const PlanEntry& plan, Day start, Day end, bool open,
                             RuleSet rules) {
  const MotherFound found = mother_of(child);
  rules.add(found.rules);
  if (births_[child].state == Birth::State::unborn) {
    report_person(child);
    rules.add(births_[child].rules);
    if (!extract_.people[child].described) rules.add(Rule::p11);
    if (extract_.people[child].rules.has(Rule::p01)) rules.add(Rule::p01);
  }
  const PersonId holder = found.mother.value_or(child);
  CanonicalRecord record = record_of(holder, PlanType::ucp, start, plan.at);
  if (!plan.key.empty()) record.plan_keys.push_back(plan.key);
  record.unborn_keys.push_back(extract_.people[child].key);
  record.open = open && plan.deleted == no_day;
  record.end = to_date(end);
  if (plan.deleted != no_day) record.deleted = to_date(plan.deleted);
  if (end < today_ - ended_unborn_days_max && !open && plan.deleted == no_day) {
    // CP-IS no longer shows it, so it is nobody's work to find the mother.
    rules = {};
    rules.add(Rule::c05);
  }
  record.rules = rules;
  if (found.mother) add_subject(record, *found.mother, true);
  unborn_.push_back({holder, found.mother.has_value(), end, std::move(record), plan.at});
}

// Twins are one plan on their mother; plans of different children that overlap need a decision.
void Assembly::merge_unborn() {
  std::stable_sort(unborn_.begin(), unborn_.end(), [](const Unborn& a, const Unborn& b) {
    return std::pair{a.mother, a.record.start} < std::pair{b.mother, b.record.start};
  });
  std::vector<Unborn> kept;
  for (Unborn& next : unborn_) {
    Unborn* last = kept.empty() ? nullptr : &kept.back();
    const bool same_mother = last != nullptr && next.mother_known && next.mother == last->mother;
    const bool both_stand = same_mother && !next.record.deleted && !last->record.deleted;
    if (same_mother && next.record.start == last->record.start &&
        next.record.deleted == last->record.deleted) {
      add_twin(*last, next);
      continue;
    }
    if (both_stand && to_day_or_none(next.record.start) < last->end)
      next.record.rules.add(Rule::c03);
    kept.push_back(std::move(next));
  }
  for (Unborn& one : kept) finish(std::move(one.record), one.at);
  unborn_.clear();
}

void Assembly::add_twin(Unborn& first, const Unborn& twin) {
  CanonicalRecord& into = first.record;
  const CanonicalRecord& from = twin.record;
  into.plan_keys.insert(into.plan_keys.end(), from.plan_keys.begin(), from.plan_keys.end());
  into.unborn_keys.insert(into.unborn_keys.end(), from.unborn_keys.begin(), from.unborn_keys.end());
  into.rows.insert(into.rows.end(), from.rows.begin(), from.rows.end());
  into.open = into.open || from.open;
  into.rules.add(from.rules);
  first.end = std::max(first.end, twin.end);
  into.end = to_date(first.end);
}

}  // namespace cpis::social_care
