#include "adapters/social_care/crosswalk/reader.h"

#include <utility>

namespace cpis::social_care::crosswalk {
namespace {

struct Columns {
  explicit Columns(CsvTable& table)
      : person{table.needed("la_person_id")},
        nhs{table.needed("nhs_number")},
        reason{table.optional("no_nhs_number_reason")},
        surname{table.needed("surname")},
        given{table.needed("given_names")},
        birth{table.needed("birth_date")},
        mother{table.optional("mother_la_person_id")} {}

  Column person, nhs, reason, surname, given, birth, mother;
};

}  // namespace

bool is_crosswalk(const CsvTable& table) {
  return table.optional("la_person_id") != no_column && table.optional("nhs_number") != no_column &&
         table.optional("plan_type") == no_column;
}

void read_rows(CsvTable& table, Extract& extract) {
  const Columns columns{table};
  while (table.next()) {
    const std::string_view key = table.cell(columns.person);
    if (key.empty()) {
      extract.report(Rule::p01, table.at(), "la_person_id", "blank");
      continue;
    }
    const PersonId person = extract.person(key);
    PersonFacts facts;
    facts.given = read_name(table.cell(columns.given));
    facts.family = read_name(table.cell(columns.surname));
    const DayValue birth = table.day(columns.birth);
    if (birth.wrong) {
      extract.people[person].rules.add(Rule::t01);
      extract.report(Rule::t01, table.at(), "birth_date", "not a date");
    }
    facts.birth = birth.day;
    facts.nhs = read_nhs_value(table.cell(columns.nhs), extract.profile().nhs_point_zero);
    const auto reason = read_no_number_reason(table.cell(columns.reason));
    if (!reason)
      extract.warn(Rule::t01, table.at(), "no_nhs_number_reason is not one of the codes");
    facts.no_number = reason.value_or(NoNumberReason::none_given);
    extract.describe(person, std::move(facts), table.at());
    if (const std::string_view mother = table.cell(columns.mother); !mother.empty()) {
      const PersonId mother_id = extract.person(mother);
      extract.mothers.push_back({person, mother_id});
    }
  }
}

}  // namespace cpis::social_care::crosswalk
