#include "adapters/social_care/ssd/reader.h"

#include <string>
#include <utility>
#include <vector>

#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/roles.h"
#include "adapters/social_care/text.h"

namespace cpis::social_care::ssd {
namespace {

bool is_male(std::string_view sex) {
  return equal_folded(sex, "M") || equal_folded(sex, "Male") || sex == "1";
}

class PersonTable {
 public:
  PersonTable(Source& source, Extract& extract) : extract_{extract}, table_{source, extract} {}

  void read() {
    const PersonColumns& names = extract_.profile().person;
    key_ = table_.needed(names.key);
    birth_ = table_.needed(names.birth);
    surname_ = table_.needed(names.surname);
    given_ = table_.needed(names.given);
    expected_ = table_.optional(names.expected);
    death_ = table_.optional(names.death);
    sex_ = table_.optional(names.sex);
    skip_ = table_.optional(names.skip.column);
    for (const std::string& name : names.nhs) {
      const Column column = table_.optional(name);
      if (column != no_column) nhs_.push_back(column);
    }
    if (nhs_.empty() && !names.nhs.empty()) table_.needed(names.nhs.front());
    while (table_.next()) read_row();
  }

 private:
  // Only the columns that the profile names are looked at, the first that is not missing counts.
  NhsValue number() const {
    for (const Column column : nhs_) {
      const NhsValue value = read_nhs_value(table_.cell(column), extract_.profile().nhs_point_zero);
      if (value.state != NhsState::missing) return value;
    }
    return {};
  }

  Day day(Column column, std::string_view name, RuleSet& rules, bool needed) {
    const DayValue value = table_.day(column);
    if (value.wrong && needed) {
      rules.add(Rule::t01);
      extract_.report(Rule::t01, table_.at(), name, "not a date");
    } else if (value.wrong) {
      extract_.warn(Rule::t01, table_.at(), "the expected date is not a date and was not used");
    }
    return value.day;
  }

  void read_row() {
    if (skip_ != no_column && is_skipped(extract_.profile().person.skip, table_.cell(skip_))) {
      return;
    }
    const std::string_view key = table_.cell(key_);
    const PersonColumns& names = extract_.profile().person;
    if (key.empty()) return extract_.report(Rule::p01, table_.at(), names.key, "blank");
    const PersonId person = extract_.person(key);
    PersonFacts facts;
    RuleSet rules;
    facts.given = read_name(table_.cell(given_));
    facts.family = read_name(table_.cell(surname_));
    facts.birth = day(birth_, names.birth, rules, true);
    facts.expected = day(expected_, names.expected, rules, facts.birth == no_day);
    facts.death = day(death_, names.death, rules, true);
    facts.male = is_male(table_.cell(sex_));
    facts.nhs = number();
    extract_.people[person].rules.add(rules);
    extract_.describe(person, std::move(facts), table_.at());
  }

  Extract& extract_;
  CsvTable table_;
  Column key_{}, surname_{}, given_{}, birth_{}, expected_{}, death_{}, sex_{}, skip_{};
  std::vector<Column> nhs_;
};

DayValue day_or_report(CsvTable& table, Extract& extract, Column column, std::string_view name) {
  const DayValue value = table.day(column);
  if (value.wrong) extract.report(Rule::t01, table.at(), name, "not a date");
  return value;
}

void read_plans(Source& source, Extract& extract) {
  CsvTable table{source, extract};
  const PlanColumns& names = extract.profile().cpp;
  const Column person = table.needed(names.person);
  const Column start = table.needed(names.start);
  const Column end = table.needed(names.end);
  const Column key = table.optional(names.key);
  const Column skip = table.optional(names.skip.column);
  while (table.next()) {
    if (skip != no_column && is_skipped(names.skip, table.cell(skip))) {
      extract.count(Rule::c04);
      continue;
    }
    const std::string_view who = table.cell(person);
    if (who.empty()) {
      extract.report(Rule::p01, table.at(), names.person, "blank");
      continue;
    }
    PlanEntry plan;
    plan.person = extract.person(who);
    plan.at = table.at();
    plan.key = table.cell(key);
    const DayValue from = day_or_report(table, extract, start, names.start);
    const DayValue to = day_or_report(table, extract, end, names.end);
    if (from.wrong || to.wrong) plan.rules.add(Rule::t01);
    plan.start = from.day;
    plan.end = to.day;
    extract.plans.push_back(std::move(plan));
  }
}

void read_statuses(Source& source, Extract& extract) {
  CsvTable table{source, extract};
  const StatusColumns& names = extract.profile().status;
  const Column person = table.needed(names.person);
  const Column code = table.needed(names.code);
  const Column start = table.needed(names.start);
  const Column end = table.needed(names.end);
  while (table.next()) {
    const std::string_view who = table.cell(person);
    if (who.empty()) {
      extract.report(Rule::p01, table.at(), names.person, "blank");
      continue;
    }
    const auto status = extract.status_in_scope(table.cell(code), table.at(), names.code);
    if (!status) continue;
    StatusEntry entry;
    entry.person = extract.person(who);
    entry.at = table.at();
    entry.status = *status;
    const DayValue from = day_or_report(table, extract, start, names.start);
    const DayValue to = day_or_report(table, extract, end, names.end);
    entry.start = from.day;
    entry.end = to.day == no_day ? open_day : to.day;
    extract.add_status(entry, from.wrong || to.wrong);
  }
}

void read_mothers(Source& source, Extract& extract, Day today) {
  CsvTable table{source, extract};
  const MotherColumns& names = extract.profile().mother;
  const Column parent = table.needed(names.parent);
  const Column child = table.needed(names.child);
  const Column ended = table.optional(names.ended);
  while (table.next()) {
    const std::string_view mother = table.cell(parent);
    const std::string_view baby = table.cell(child);
    const DayValue end = table.day(ended);
    if (mother.empty() || baby.empty() || (end.day != no_day && end.day <= today)) continue;
    const PersonId baby_id = extract.person(baby);
    extract.mothers.push_back({baby_id, extract.person(mother)});
  }
}

void read_identifiers(Source& source, Extract& extract) {
  CsvTable table{source, extract};
  const IdentifierColumns& names = extract.profile().identifiers;
  const Column person = table.needed(names.person);
  const Column type = table.needed(names.type);
  const Column value = table.needed(names.value);
  while (table.next()) {
    if (table.cell(type) != names.wanted_type) continue;
    const std::string_view who = table.cell(person);
    if (who.empty()) continue;
    const NhsValue number = read_nhs_value(table.cell(value), extract.profile().nhs_point_zero);
    PersonEntry& entry = extract.people[extract.person(who)];
    NhsValue& known = entry.facts.nhs;
    if (known.state == NhsState::missing) known = number;
    if (number.state != NhsState::missing && known.number != number.number) {
      entry.rules.add(Rule::p04);
    }
  }
}

}  // namespace

void read_rows(Extract& extract, ExportSet& files, Day today) {
  std::vector<std::string_view> needed;
  for (const auto& [role, pattern] : extract.profile().tables) needed.push_back(role);
  const auto named = files_by_role(extract, files, needed);
  if (extract.refused()) return;
  if (Source* file = file_of(named, "person")) PersonTable{*file, extract}.read();
  if (Source* file = file_of(named, "identifiers")) read_identifiers(*file, extract);
  if (Source* file = file_of(named, "plans")) read_plans(*file, extract);
  if (Source* file = file_of(named, "status")) read_statuses(*file, extract);
  if (Source* file = file_of(named, "mother")) read_mothers(*file, extract, today);
}

}  // namespace cpis::social_care::ssd
