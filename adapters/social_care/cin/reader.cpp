#include "adapters/social_care/cin/reader.h"

#include <string>
#include <utility>
#include <vector>

#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/xml/xml_files.h"
#include "adapters/social_care/xml/xml_walk.h"

namespace cpis::social_care::cin {
namespace {

constexpr std::size_t plans_of_a_child_max = 1000;
constexpr std::size_t field_bytes_max = 100;

struct PlanText {
  std::string start, end;
  RowRef at;
  std::size_t episode = 0;  // which CINdetails of the child
  bool adopted = false;
};

struct ChildText {
  std::string id, birth, expected, death, sex;
  RowRef at;
  std::vector<PlanText> plans;
  std::size_t episodes = 0;
};

void take(std::string& into, std::string_view text) {
  if (into.size() + text.size() <= field_bytes_max) into += text;
}

class CensusReader final : public XmlHandler {
 public:
  explicit CensusReader(Extract& extract) : extract_{extract} {}

  void open(Path path, RowRef at) override {
    at_ = at;
    if (path.size() == 2 && path[1] == "Children") check_authority();
    if (path.size() < 3 || path[1] != "Children" || path[2] != "Child") return;
    if (path.size() == 3) {
      child_ = {};
      child_.at = at;
    }
    if (path.size() == 4 && path[3] == "CINdetails") ++child_.episodes;
    if (path.size() == 5 && path[4] == "ChildProtectionPlans") {
      if (child_.plans.size() == plans_of_a_child_max) {
        return extract_.refuse(Rule::f01, extract_.file_name(at), at.line, path[4],
                               "too many plans of one child");
      }
      child_.plans.push_back({{}, {}, at, child_.episodes, false});
    }
  }

  void text(Path path, std::string_view text) override {
    if (path.size() == 4 && path[2] == "Source" && path[3] == "LEA") take(authority_, text);
    if (path.size() < 5 || path[1] != "Children") return;
    if (path[3] == "ChildIdentifiers" && path.size() == 5) take_identifier(path[4], text);
    if (path[3] != "CINdetails") return;
    if (path.size() == 5 && path[4] == "ReasonForClosure" && text == "RC1") mark_adopted();
    if (path.size() == 6 && path[4] == "ChildProtectionPlans" && !child_.plans.empty()) {
      if (path[5] == "CPPstartDate") take(child_.plans.back().start, text);
      if (path[5] == "CPPendDate") take(child_.plans.back().end, text);
    }
  }

  void close(Path path) override {
    if (path.size() == 3 && path[1] == "Children" && path[2] == "Child") add_child();
    if (path.size() == 4 && path[3] == "CINdetails" && adopted_) {
      for (PlanText& plan : child_.plans) {
        if (plan.episode == child_.episodes) plan.adopted = true;
      }
      adopted_ = false;
    }
    if (path.size() == 1 && !checked_) check_authority();
  }

 private:
  void check_authority() {
    checked_ = true;
    if (authority_ == extract_.profile().la_dfe) return;
    extract_.refuse(Rule::f04, extract_.file_name(at_), at_.line, "LEA", "");
  }

  void take_identifier(const std::string& name, std::string_view text) {
    if (name == "LAchildID") take(child_.id, text);
    if (name == "PersonBirthDate") take(child_.birth, text);
    if (name == "ExpectedPersonBirthDate") take(child_.expected, text);
    if (name == "PersonDeathDate") take(child_.death, text);
    if (name == "Sex" || name == "GenderCurrent") take(child_.sex, text);
  }

  void mark_adopted() { adopted_ = true; }

  Day day(const std::string& text, std::string_view field, RowRef at, RuleSet& rules) {
    const DayValue value = read_day(extract_.profile(), text);
    if (value.wrong) {
      rules.add(Rule::t01);
      extract_.report(Rule::t01, at, field, "not a date");
    }
    return value.day;
  }

  void add_child() {
    ++extract_.counts.rows;
    if (child_.id.empty()) return extract_.report(Rule::p01, child_.at, "LAchildID", "blank");
    const PersonId person = extract_.person(child_.id);
    PersonFacts facts;
    RuleSet rules;
    facts.birth = day(child_.birth, "PersonBirthDate", child_.at, rules);
    facts.expected = day(child_.expected, "ExpectedPersonBirthDate", child_.at, rules);
    facts.death = day(child_.death, "PersonDeathDate", child_.at, rules);
    facts.male = child_.sex == "M" || child_.sex == "1";
    // A child is in a census once (query 8510).
    if (extract_.people[person].described) rules.add(Rule::p01);
    extract_.people[person].rules.add(rules);
    extract_.describe(person, std::move(facts), child_.at);
    for (const PlanText& text : child_.plans) {
      PlanEntry plan;
      plan.person = person;
      plan.at = text.at;
      plan.adopted = text.adopted;
      plan.start = day(text.start, "CPPstartDate", text.at, plan.rules);
      plan.end = day(text.end, "CPPendDate", text.at, plan.rules);
      extract_.plans.push_back(std::move(plan));
    }
  }

  Extract& extract_;
  std::string authority_;
  bool checked_ = false;
  bool adopted_ = false;
  RowRef at_;
  ChildText child_;
};

}  // namespace

void read_rows(Extract& extract, ExportSet& files, Day) {
  read_xml_files(extract, files, [&extract](Source& source) {
    CensusReader reader{extract};
    walk_xml(source, extract, "Message", reader);
  });
}

}  // namespace cpis::social_care::cin
