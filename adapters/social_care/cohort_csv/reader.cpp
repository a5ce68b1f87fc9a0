#include "adapters/social_care/cohort_csv/reader.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/text.h"

namespace cpis::social_care::cohort_csv {
namespace {

constexpr std::size_t name_bytes_max = 400;  // 100 characters
constexpr std::size_t plan_key_bytes_max = 64;

// Mothers without a local id, by their NHS number: twins share one.
using MothersByNumber = std::unordered_map<std::uint64_t, PersonId>;

class FileReader {
 public:
  FileReader(Source& source, Extract& extract, MothersByNumber& mothers)
      : extract_{extract}, table_{source, extract, "#END"}, mothers_{mothers} {}

  void read();

 private:
  void read_header();
  void read_row();
  void check_trailer();
  void read_person(PersonId person);
  void read_mother(PersonId child);
  PersonId mother_person(PersonId child);
  void read_plan(PersonId person, PlanType type);
  void read_status(PersonId person);
  NhsValue number(Column column) const {
    return read_nhs_value(table_.cell(column), extract_.profile().nhs_point_zero);
  }
  Day day(Column column, std::string_view name, RuleSet& rules);
  std::string name(Column column, std::string_view what, PersonId person);

  Extract& extract_;
  CsvTable table_;
  MothersByNumber& mothers_;
  bool complete_ = false;

  Column plan_key_{}, person_key_{}, nhs_{}, reason_{}, surname_{}, given_{}, birth_{}, expected_{};
  Column type_{}, start_{}, end_{}, delete_date_{}, delete_reason_{}, status_{}, la_{};
  Column mother_key_{}, mother_nhs_{}, mother_surname_{}, mother_given_{}, mother_birth_{};
};

void FileReader::read_header() {
  plan_key_ = table_.needed("source_plan_key");
  person_key_ = table_.needed("la_person_id");
  nhs_ = table_.needed("nhs_number");
  reason_ = table_.needed("no_nhs_number_reason");
  surname_ = table_.needed("surname");
  given_ = table_.needed("given_names");
  birth_ = table_.needed("birth_date");
  expected_ = table_.needed("expected_birth_date");
  type_ = table_.needed("plan_type");
  start_ = table_.needed("plan_start");
  end_ = table_.needed("plan_end");
  delete_date_ = table_.needed("delete_date");
  delete_reason_ = table_.needed("delete_reason");
  status_ = table_.needed("legal_status");
  mother_key_ = table_.needed("mother_la_person_id");
  mother_nhs_ = table_.needed("mother_nhs_number");
  mother_surname_ = table_.needed("mother_surname");
  mother_given_ = table_.needed("mother_given_names");
  mother_birth_ = table_.needed("mother_birth_date");
  la_ = table_.needed("owning_la");
}

void FileReader::read() {
  read_header();
  while (table_.next()) {
    if (complete_) {
      return extract_.refuse(Rule::f01, extract_.file_name(table_.at()), table_.at().line, "",
                             "there is more after the #END line");
    }
    if (table_.at_trailer()) {
      check_trailer();
    } else {
      read_row();
    }
  }
  if (!complete_) {
    extract_.refuse(Rule::f01, extract_.file_name(table_.at()), table_.at().line, "",
                    "the last line #END,<rows> is missing: the file is not complete");
  }
}

void FileReader::check_trailer() {
  complete_ = true;
  const std::string_view text = table_.cell(1);
  std::size_t rows = 0;
  const auto [at, problem] = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (problem != std::errc{} || at != text.data() + text.size() || rows != table_.rows()) {
    extract_.refuse(Rule::f01, extract_.file_name(table_.at()), table_.at().line, "",
                    "the number of rows in the #END line is not the number in the file");
  }
}

// A date that cannot be read must not pass for one that is not there.
Day FileReader::day(Column column, std::string_view name, RuleSet& rules) {
  const DayValue value = table_.day(column);
  if (value.wrong) {
    rules.add(Rule::t01);
    extract_.report(Rule::t01, table_.at(), name, "not a date");
  }
  return value.day;
}

std::string FileReader::name(Column column, std::string_view what, PersonId person) {
  std::string text = read_name(table_.cell(column));
  if (text.size() <= name_bytes_max) return text;
  extract_.people[person].rules.add(Rule::t01);
  extract_.report(Rule::t01, table_.at(), what, "longer than 100 characters");
  return {};
}

void FileReader::read_person(PersonId person) {
  PersonFacts facts;
  RuleSet rules;
  facts.given = name(given_, "given_names", person);
  facts.family = name(surname_, "surname", person);
  facts.birth = day(birth_, "birth_date", rules);
  facts.expected = day(expected_, "expected_birth_date", rules);
  facts.nhs = number(nhs_);
  const auto reason = read_no_number_reason(table_.cell(reason_));
  if (!reason) {
    rules.add(Rule::t01);
    extract_.report(Rule::t01, table_.at(), "no_nhs_number_reason", "not one of the codes");
  }
  facts.no_number = reason.value_or(NoNumberReason::none_given);
  extract_.people[person].rules.add(rules);
  extract_.describe(person, std::move(facts), table_.at());
}

PersonId FileReader::mother_person(PersonId child) {
  const std::string_view key = table_.cell(mother_key_);
  if (!key.empty()) return extract_.person(key);
  const NhsValue value = number(mother_nhs_);
  if (value.number) {
    const auto known = mothers_.find(value.number->value());
    if (known != mothers_.end()) return known->second;
  }
  const PersonId mother = extract_.person("mother-of:" + extract_.people[child].key);
  extract_.people[mother].key_is_borrowed = true;
  if (value.number) mothers_.emplace(value.number->value(), mother);
  return mother;
}

void FileReader::read_mother(PersonId child) {
  if (table_.cell(mother_key_).empty() && table_.cell(mother_nhs_).empty()) return;
  const PersonId mother = mother_person(child);
  PersonFacts facts;
  RuleSet rules;
  facts.given = name(mother_given_, "mother_given_names", mother);
  facts.family = name(mother_surname_, "mother_surname", mother);
  facts.birth = day(mother_birth_, "mother_birth_date", rules);
  facts.nhs = number(mother_nhs_);
  extract_.people[mother].rules.add(rules);
  extract_.describe(mother, std::move(facts), table_.at());
  extract_.mothers.push_back({child, mother});
}

void FileReader::read_plan(PersonId person, PlanType type) {
  PlanEntry plan;
  plan.person = person;
  plan.at = table_.at();
  plan.declared = type;
  plan.key = table_.cell(plan_key_);
  plan.start = day(start_, "plan_start", plan.rules);
  plan.end = day(end_, "plan_end", plan.rules);
  plan.deleted = day(delete_date_, "delete_date", plan.rules);
  if (plan.key.empty() || plan.key.size() > plan_key_bytes_max) {
    plan.rules.add(Rule::t01);
    extract_.report(Rule::t01, plan.at, "source_plan_key", "blank or longer than 64");
  }
  const bool has_reason = !table_.cell(delete_reason_).empty();
  if (has_reason != (plan.deleted != no_day)) {
    plan.rules.add(Rule::t01);
    extract_.report(Rule::t01, plan.at, "delete_date", "a delete needs both date and reason");
  }
  extract_.plans.push_back(std::move(plan));
}

void FileReader::read_status(PersonId person) {
  const auto status = extract_.status_in_scope(table_.cell(status_), table_.at(), "legal_status");
  if (!status) return;
  RuleSet rules;
  StatusEntry entry;
  entry.person = person;
  entry.at = table_.at();
  entry.status = *status;
  entry.start = day(start_, "plan_start", rules);
  const Day end = day(end_, "plan_end", rules);
  entry.end = end == no_day ? open_day : end;
  extract_.add_status(entry, !rules.empty());
}

void FileReader::read_row() {
  const std::string_view la = table_.cell(la_);
  if (la != extract_.profile().la_dfe) {
    return extract_.refuse(Rule::f04, extract_.file_name(table_.at()), table_.at().line,
                           "owning_la", "");
  }
  const std::string_view key = table_.cell(person_key_);
  if (key.empty()) return extract_.report(Rule::p01, table_.at(), "la_person_id", "blank");
  const PersonId person = extract_.person(key);
  read_person(person);
  const std::string_view type = table_.cell(type_);
  if (equal_folded(type, "LAC")) {
    const bool deleted = !table_.cell(delete_date_).empty();
    return deleted ? read_plan(person, PlanType::lac) : read_status(person);
  }
  if (equal_folded(type, "CPP")) return read_plan(person, PlanType::cpp);
  if (equal_folded(type, "UCPP") || equal_folded(type, "UCP")) {
    read_mother(person);
    return read_plan(person, PlanType::ucp);
  }
  extract_.report(Rule::t01, table_.at(), "plan_type", "not CPP, LAC or UCPP");
}

}  // namespace

void read_rows(Extract& extract, ExportSet& files, Day) {
  MothersByNumber mothers;
  for (const auto& file : files.files) {
    if (extract.refused()) return;
    FileReader{*file, extract, mothers}.read();
  }
}

}  // namespace cpis::social_care::cohort_csv
