#include "adapters/social_care/assemble.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "adapters/social_care/assembly.h"

namespace cpis::social_care {
namespace {

RecordState state_of(const RuleSet& rules) {
  if (rules.any(RuleOutcome::held)) return RecordState::held;
  if (rules.any(RuleOutcome::skipped)) return RecordState::skipped;
  return rules.any(RuleOutcome::query) ? RecordState::queried : RecordState::ready;
}

// Rules of a person are told once at the person's own row, unreadable values at their row.
bool told_elsewhere(Rule rule) {
  const bool of_person = rule >= Rule::p01 && rule <= Rule::p08;
  return of_person || rule == Rule::t01 || rule == Rule::l01;
}

// The rows of one person at the front of `rest`, which they leave.
std::span<const PlanEntry> take_person(std::span<const PlanEntry>& rest, PersonId person) {
  const auto end = std::find_if(rest.begin(), rest.end(),
                                [person](const PlanEntry& e) { return e.person != person; });
  const auto mine = rest.first(static_cast<std::size_t>(end - rest.begin()));
  rest = rest.subspan(mine.size());
  return mine;
}

// The same of the rows that there can be millions of: they are freed as they are taken.
std::vector<StatusEntry> take_person(std::deque<StatusEntry>& rest, PersonId person) {
  std::vector<StatusEntry> mine;
  while (!rest.empty() && rest.front().person == person) {
    mine.push_back(rest.front());
    rest.pop_front();
  }
  return mine;
}

}  // namespace

void assemble(Extract& extract, Date today) {
  if (extract.refused()) return;
  extract.forget_keys();
  Assembly{extract, to_day(today)}.run();
}

void Assembly::sort_rows() {
  const auto by_person_and_start = [](const auto& a, const auto& b) {
    return std::pair{a.person, a.start} < std::pair{b.person, b.start};
  };
  std::stable_sort(extract_.plans.begin(), extract_.plans.end(), by_person_and_start);
  // There can be millions: sorted in place, which a stable sort does not do, and then by the row.
  std::sort(extract_.statuses.begin(), extract_.statuses.end(),
            [](const StatusEntry& a, const StatusEntry& b) {
              const auto order = [](const StatusEntry& e) {
                return std::tuple{e.person, e.start, e.end, e.at.file, e.at.line, e.status};
              };
              return order(a) < order(b);
            });
  std::sort(extract_.mothers.begin(), extract_.mothers.end(),
            [](const MotherEntry& a, const MotherEntry& b) { return a.child < b.child; });
}

void Assembly::run() {
  check_people();
  share_numbers();
  sort_rows();
  extract_.counts.people = extract_.people.size();
  std::span<const PlanEntry> plans{extract_.plans};
  for (PersonId id = 0; id < extract_.people.size(); ++id) {
    if (const auto mine = take_person(plans, id); !mine.empty()) plans_of(id, mine);
    const auto statuses = take_person(extract_.statuses, id);
    if (!statuses.empty()) statuses_of(id, statuses);
  }
  merge_unborn();
  extract_.plans = {};
}

CanonicalRecord Assembly::record_of(PersonId person, PlanType type, Day start, RowRef at) const {
  CanonicalRecord record;
  record.person_key = extract_.people[person].key;
  record.type = type;
  if (start != no_day) record.start = to_date(start);
  record.rows.push_back(row(at));
  return record;
}

void Assembly::add_subject(CanonicalRecord& record, PersonId id, bool is_mother) {
  const PersonEntry& person = extract_.people[id];
  const PersonFacts& facts = person.facts;
  record.no_number = facts.no_number;
  if (!facts.nhs.number) return;
  const Council& council = extract_.profile().council;
  const bool has_id = !person.key_is_borrowed;
  PlanSubject subject{*facts.nhs.number,
                      has_id ? person.key : "",
                      has_id ? council.ods_code + ":" + council.name : "",
                      {facts.given, facts.family},
                      std::nullopt,
                      is_mother};
  if (facts.birth != no_day) subject.birth_date = to_date(facts.birth);
  record.subject = std::move(subject);
}

// Decides the state, counts, reports what belongs to the row, and gives the record away.
void Assembly::finish(CanonicalRecord&& record, RowRef at) {
  record.state = state_of(record.rules);
  Counts& counts = extract_.counts;
  ++counts.records;
  ++counts.by_state[static_cast<std::size_t>(record.state)];
  if (record.open && record.state != RecordState::skipped) {
    ++counts.open_by_type[static_cast<std::size_t>(record.type)];
  }
  for (const Rule rule : record.rules.list()) {
    if (told_elsewhere(rule)) continue;
    if (rule == Rule::c05) {
      extract_.count(rule);
    } else {
      extract_.report(rule, at, "");
    }
  }
  extract_.sink().take(std::move(record));
}

void Assembly::statuses_of(PersonId person, std::span<const StatusEntry> statuses) {
  std::vector<StatusEntry> known;
  std::vector<StatusEntry> unknown;
  if (statuses.size() > rows_of_one_person_max) extract_.people[person].status_doubt = true;
  for (const StatusEntry& entry : statuses) {
    (entry.status == LegalStatus::unknown ? unknown : known).push_back(entry);
  }
  const int gap = extract_.profile().merge_gap_days;
  const auto intervals = merge_statuses(known, gap);
  for (const Interval& interval : intervals) {
    lac_record(person, interval, doubts_of(person, interval, unknown));
  }
  for (const Interval& interval : merge_statuses(unknown, gap)) {
    const bool touches = std::any_of(intervals.begin(), intervals.end(), [&](const Interval& i) {
      const Day end = i.end == open_day ? open_day : i.end + gap;
      const Day unknown_end = interval.end == open_day ? open_day : interval.end + gap;
      return interval.start <= end && i.start <= unknown_end;
    });
    RuleSet rules;
    rules.add(Rule::l01);
    if (!touches) lac_record(person, interval, rules);
  }
}

// A row that nobody can read may continue this interval: then its end is not known.
RuleSet Assembly::doubts_of(PersonId person, const Interval& interval,
                            const std::vector<StatusEntry>& unknown) {
  RuleSet rules;
  if (extract_.people[person].status_doubt) {
    rules.add(Rule::t01);
    return rules;
  }
  const int gap = extract_.profile().merge_gap_days;
  const Day end = interval.end == open_day ? open_day : interval.end + gap;
  for (const StatusEntry& entry : unknown) {
    const Day entry_end = entry.end == open_day ? open_day : entry.end + gap;
    if (entry.start <= end && interval.start <= entry_end) rules.add(Rule::l01);
  }
  return rules;
}

void Assembly::lac_record(PersonId person, const Interval& interval, RuleSet rules) {
  const RowRef at = interval.rows.front();
  CanonicalRecord record = record_of(person, PlanType::lac, interval.start, at);
  record.rows.clear();
  for (const RowRef ref : interval.rows) record.rows.push_back(row(ref));
  record.open = interval.end == open_day;
  record.adopted = interval.adopted;
  if (!record.open) record.end = to_date(interval.end);
  if (interval.start > today_) rules.add(Rule::c01);
  if (interval.overlapped) rules.add(Rule::l03);
  record.rules = rules;
  judge(record, person, at);
  finish(std::move(record), at);
}

// The rules that a child's record owes to the child, and whether it still matters.
void Assembly::judge(CanonicalRecord& record, PersonId person, RowRef at) {
  const bool aged =
      record.end && !record.deleted && to_day(*record.end) < today_ - ended_plan_days_max;
  add_subject(record, person, false);
  if (aged && !record.rules.any(RuleOutcome::held)) {
    // CP-IS no longer shows it, so what is missing about the person is nobody's work.
    record.rules.add(Rule::c05);
    return;
  }
  record.rules.add(person_rules(person));
  const Birth& birth = births_[person];
  const Day start = to_day_or_none(record.start);
  const bool unborn = birth.state == Birth::State::unborn;
  const bool before_birth = birth.day != no_day && start < birth.day;
  if (record.type == PlanType::lac && (unborn || before_birth)) record.rules.add(Rule::c01);
  if (record.end == record.start) extract_.warn(Rule::c02, at, "the plan ended on its first day");
  if (!record.open) return;
  if (extract_.people[person].facts.death != no_day) record.rules.add(Rule::p10);
  if (birth.state == Birth::State::born && age_on(to_date(birth.day), to_date(today_)) >= 18) {
    record.rules.add(Rule::p09);
  }
}

}  // namespace cpis::social_care
