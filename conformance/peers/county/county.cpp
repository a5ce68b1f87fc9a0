#include "conformance/peers/county/county.h"

#include <algorithm>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "conformance/peers/county/invented.h"

namespace cpis::county {
namespace {

constexpr std::size_t children_max = 400'000;

constexpr std::array<std::string_view, county_files> file_names{
    "ssd_person.csv", "ssd_cp_plans.csv", "ssd_legal_status.csv",
    "ssd_mother.csv", "cohort.csv",       "person_index.csv"};

constexpr std::array<std::string_view, county_files> headers{
    "pers_person_id,pers_forename,pers_surname,pers_sex,pers_dob,pers_expected_dob,"
    "pers_death_date,pers_single_unique_id\n",
    "cppl_cp_plan_id,cppl_person_id,cppl_cp_plan_start_date,cppl_cp_plan_end_date,"
    "cppl_cp_plan_ola\n",
    "lega_legal_status_id,lega_person_id,lega_legal_status,lega_legal_status_start_date,"
    "lega_legal_status_end_date\n",
    "moth_table_id,moth_person_id,moth_childs_person_id\n",
    "source_plan_key,la_person_id,nhs_number,no_nhs_number_reason,surname,given_names,birth_date,"
    "expected_birth_date,plan_type,plan_start,plan_end,delete_date,delete_reason,legal_status,"
    "mother_la_person_id,mother_nhs_number,mother_surname,mother_given_names,mother_birth_date,"
    "owning_la\n",
    "nhs_number,given_names,family_name,birth_date,sensitive,superseded\n"};

// How systems write the statuses; the code beside it goes into the cohort file.
struct StatusLabel {
  std::string_view label;
  std::string_view code;
};
constexpr std::array<StatusLabel, 3> first_statuses{{
    {"C1 - Interim care order", "C1"},
    {"Interim care order", "C1"},
    {"V2 - Single period of accommodation under section 20", "V2"},
}};
constexpr std::array<StatusLabel, 3> later_statuses{{
    {"C2 - Full care order", "C2"},
    {"Full care order", "C2"},
    {"CLA - C2 - Care Order", "C2"},
}};

struct Status {
  StatusLabel label;
  Date start;
  std::optional<Date> end;
};

struct PlanRow {
  Date start;
  std::optional<Date> end;
  bool other_la = false;
};

struct Mother {
  std::string id;
  PersonName name;
  NhsNumber number;
  Date birth;
  bool has_number = true;
};

struct Child {
  std::string id;
  PersonName name;
  std::optional<NhsNumber> number;  ///< none: not born yet
  std::optional<Date> birth;
  std::optional<Date> expected;
  bool female = false;
  bool number_known = true;  ///< to the council
  std::optional<PlanRow> plan;
  std::vector<Status> statuses;
  std::optional<Mother> mother;
  std::string outcome = "CPR06";
};

std::string stamp(const std::optional<Date>& date) {
  return date ? to_iso(*date) + " 00:00:00.000" : std::string{"NULL"};
}
std::string iso(const std::optional<Date>& date) { return date ? to_iso(*date) : std::string{}; }

class Generator {
 public:
  Generator(const CountyOptions& options, CountySink& sink)
      : options_{options}, sink_{sink}, dice_{options.seed} {}

  void run() {
    for (std::size_t i = 0; i < county_files; ++i) put(static_cast<CountyFile>(i), headers[i]);
    for (std::size_t i = 0; i < options_.children; ++i) one_child();
    for (std::size_t i = 0; i < options_.children / 4; ++i) neighbour();
    put(CountyFile::cohort, "#END," + std::to_string(cohort_rows_) + "\n");
  }

 private:
  void put(CountyFile file, std::string_view line) { sink_.line(file, line); }
  Date ago(int days) const { return add_days(options_.today, -days); }
  bool flaw(int percent) { return options_.with_flaws && dice_.chance(percent); }
  std::string next_id() { return std::to_string(++last_id_); }

  void one_child() {
    const int kind = dice_.below(100);
    if (kind < 6) return unborn();
    Child child;
    child.id = next_id();
    child.female = dice_.chance(50);
    child.name = invented_name(dice_, child.female);
    child.number = numbers_.next();
    child.birth = ago(dice_.below(17 * 365) + 30);
    const int age_days = days_between(*child.birth, options_.today);
    if (kind < 55) add_plan(child, age_days);
    if (kind >= 50) add_statuses(child, age_days);
    if (flaw(2)) child.number_known = false;
    write(child);
  }

  void add_plan(Child& child, int age_days) {
    PlanRow plan;
    plan.start = ago(dice_.below(std::min(age_days, 400)) + 1);
    const int running = days_between(plan.start, options_.today);
    if (dice_.chance(15)) plan.end = add_days(plan.start, dice_.below(running + 1));
    plan.other_la = flaw(2);
    // Born on a plan: it began before the birth, on the mother.
    if (age_days < 200 && !plan.end && dice_.chance(50)) {
      plan.start = add_days(*child.birth, -dice_.below(120) - 1);
      child.mother = new_mother();
    }
    child.plan = plan;
  }

  void add_statuses(Child& child, int age_days) {
    const int days = dice_.below(std::min(age_days, 1200)) + 1;
    const Date start = ago(days);
    const bool ended = dice_.chance(12);
    const auto first = first_statuses[static_cast<std::size_t>(dice_.below(3))];
    if (days < 60 || dice_.chance(40)) {
      child.statuses.push_back({first, start, std::nullopt});
    } else {
      const Date change = add_days(start, days / 2);
      child.statuses.push_back({first, start, change});
      const auto later = later_statuses[static_cast<std::size_t>(dice_.below(3))];
      child.statuses.push_back({later, change, std::nullopt});
    }
    if (ended) child.statuses.back().end = add_days(child.statuses.back().start, days / 3);
    if (flaw(1)) child.statuses.back().label = {"Ward of Court", "Ward of Court"};
  }

  Mother new_mother() {
    Mother mother{next_id(), invented_name(dice_, true), numbers_.next(),
                  ago((18 + dice_.below(22)) * 365 + dice_.below(365)), true};
    mother.has_number = !flaw(10);
    return mother;
  }

  void unborn() {
    Child child;
    child.mother = new_mother();
    child.expected = add_days(options_.today, dice_.below(200) + 1);
    child.plan = PlanRow{ago(dice_.below(60) + 1), std::nullopt, false};
    child.name = {"Unborn", child.mother->name.family};
    const int babies = dice_.chance(3) ? 2 : 1;
    write_mother(*child.mother, true);
    for (int i = 0; i < babies; ++i) {
      child.id = next_id();
      write_rows(child);
      link_mother(child);
    }
  }

  // Known to the index, not to the council: a child seen in a hospital who is on no plan.
  void neighbour() {
    const bool female = dice_.chance(50);
    CountyPerson person{numbers_.next(),
                        "",
                        invented_name(dice_, female),
                        ago(dice_.below(17 * 365) + 30),
                        female,
                        false,
                        false,
                        {},
                        ""};
    write_index(person.nhs_number, person.name, person.birth, "CPR06");
    sink_.person(person);
  }

  void write(Child& child) {
    if (flaw(1))
      child.outcome = "CPR03";
    else if (flaw(1))
      child.outcome = "CPR02";
    else if (flaw(1))
      child.outcome = "CPR01";
    else if (flaw(1))
      child.outcome = "CPR05";
    if (child.mother) write_mother(*child.mother, false);
    write_rows(child);
    if (child.mother) link_mother(child);
    write_index(*child.number, child.name, *child.birth, child.outcome);
    sink_.person(person_of(child));
  }

  CountyPerson person_of(const Child& child) const {
    CountyPerson person{*child.number, child.id, child.name, *child.birth, child.female,
                        false,         false,    {},         child.outcome};
    if (child.plan && !child.plan->end && !child.plan->other_la) {
      person.open_plans.push_back(PlanType::cpp);
    }
    const bool readable =
        std::none_of(child.statuses.begin(), child.statuses.end(),
                     [](const Status& status) { return status.label.code == "Ward of Court"; });
    if (!child.statuses.empty() && !child.statuses.back().end && readable) {
      person.open_plans.push_back(PlanType::lac);
    }
    person.on_plan = child.number_known && !person.open_plans.empty();
    return person;
  }

  void write_mother(const Mother& mother, bool expecting) {
    const std::string number{mother.number.digits()};
    put(CountyFile::ssd_person, mother.id + "," + mother.name.given + "," + mother.name.family +
                                    ",F," + stamp(mother.birth) + ",NULL,NULL," +
                                    (mother.has_number ? number : "NULL") + "\n");
    write_index(mother.number, mother.name, mother.birth, "CPR06");
    CountyPerson person{mother.number, mother.id, mother.name, mother.birth, true,
                        true,          false,     {},          "CPR06"};
    if (expecting) person.open_plans.push_back(PlanType::ucp);
    person.on_plan = expecting && mother.has_number;
    sink_.person(person);
  }

  void link_mother(const Child& child) {
    put(CountyFile::ssd_mother,
        std::to_string(++last_link_) + "," + child.mother->id + "," + child.id + "\n");
  }

  void write_rows(const Child& child) {
    const std::string number =
        child.number && child.number_known ? std::string{child.number->digits()} : "";
    put(CountyFile::ssd_person, child.id + "," + child.name.given + "," + child.name.family + "," +
                                    (child.number ? (child.female ? "F" : "M") : "U") + "," +
                                    stamp(child.birth) + "," + stamp(child.expected) + ",NULL," +
                                    (number.empty() ? "NULL" : number) + "\n");
    if (child.plan) write_plan(child, number);
    for (const Status& status : child.statuses) write_status(child, status, number);
  }

  void write_plan(const Child& child, const std::string& number) {
    const std::string key = std::to_string(++last_plan_);
    const PlanRow& plan = *child.plan;
    put(CountyFile::ssd_cp_plans, key + "," + child.id + "," + stamp(plan.start) + "," +
                                      stamp(plan.end) + "," + (plan.other_la ? "Y" : "N") + "\n");
    if (plan.other_la) return;
    cohort_row("CP-" + key, child, number, child.mother ? "UCPP" : "CPP", plan.start, plan.end, "");
  }

  void write_status(const Child& child, const Status& status, const std::string& number) {
    const std::string key = std::to_string(++last_status_);
    put(CountyFile::ssd_legal_status, key + "," + child.id + "," + std::string{status.label.label} +
                                          "," + stamp(status.start) + "," + stamp(status.end) +
                                          "\n");
    cohort_row("LS-" + key, child, number, "LAC", status.start, status.end, status.label.code);
  }

  void cohort_row(const std::string& key, const Child& child, const std::string& number,
                  std::string_view type, Date start, const std::optional<Date>& end,
                  std::string_view status) {
    std::string row = key + "," + child.id + "," + number + ",,";
    if (child.birth) {
      row += child.name.family + "," + child.name.given;
    } else {
      row += ",";
    }
    row += "," + iso(child.birth) + "," + iso(child.expected) + "," + std::string{type} + "," +
           to_iso(start) + "," + iso(end) + ",,," + std::string{status} + ",";
    if (child.mother && status.empty()) {
      const Mother& mother = *child.mother;
      row += mother.id + "," + (mother.has_number ? std::string{mother.number.digits()} : "") +
             "," + mother.name.family + "," + mother.name.given + "," + to_iso(mother.birth);
    } else {
      row += ",,,,";
    }
    put(CountyFile::cohort, row + "," + std::string{options_.la_dfe} + "\n");
    ++cohort_rows_;
  }

  // The index as the council's answer will find it: CPR01 is not in it at all.
  void write_index(NhsNumber number, const PersonName& name, Date birth, std::string_view outcome) {
    if (outcome == "CPR01") return;
    const Date known_birth = outcome == "CPR03" ? add_days(birth, 1) : birth;
    put(CountyFile::person_index, std::string{number.digits()} + "," + name.given + "," +
                                      name.family + "," + to_iso(known_birth) + "," +
                                      (outcome == "CPR02" ? "Y" : "N") + "," +
                                      (outcome == "CPR05" ? "Y" : "N") + "\n");
  }

  const CountyOptions& options_;
  CountySink& sink_;
  Dice dice_;
  TestNumbers numbers_;
  std::uint64_t last_id_ = 100'000;
  std::uint64_t last_plan_ = 0;
  std::uint64_t last_status_ = 0;
  std::uint64_t last_link_ = 0;
  std::size_t cohort_rows_ = 0;
};

}  // namespace

std::string_view name_of(CountyFile file) { return file_names[static_cast<std::size_t>(file)]; }

void generate_county(const CountyOptions& options, CountySink& sink) {
  if (options.children > children_max) throw std::invalid_argument("too many children");
  Generator{options, sink}.run();
}

}  // namespace cpis::county
