#include "adapters/social_care/dfe_csc/reader.h"

#include <string>
#include <utility>

#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/json/json_tree.h"
#include "adapters/social_care/text.h"
#include "adapters/social_care/xml/xml_files.h"

namespace cpis::social_care::dfe_csc {
namespace {

using Kind = JsonNode::Kind;
constexpr std::size_t values_of_a_child_max = 20'000;

bool is_purged(const JsonNode& node) {
  const JsonNode* purge = node.find("purge");
  return purge != nullptr && purge->kind == Kind::boolean && purge->truth;
}

// A list, or a single object where the payload has one.
template <class Each>
void for_each(const JsonNode* node, const Each& each) {
  if (node == nullptr) return;
  if (node->kind == Kind::object) each(*node);
  if (node->kind != Kind::array) return;
  for (const JsonNode& item : node->items) {
    if (item.kind == Kind::object) each(item);
  }
}

class ChildReader {
 public:
  ChildReader(Extract& extract, std::uint16_t file, const std::string& name, Day today)
      : extract_{extract}, file_{file}, name_{name}, today_{today} {}

  void read(const JsonNode& top, const JsonNode& child) {
    const JsonNode* authority = top.find("la_code");
    if (authority == nullptr || authority->text != extract_.profile().la_dfe) {
      return extract_.refuse(Rule::f04, name_, child.line, "la_code", "");
    }
    if (extract_.refused()) return;
    ++extract_.counts.rows;
    const std::string_view key = trimmed(child.text_of("la_child_id"));
    if (key.empty()) return extract_.report(Rule::p01, at(child), "la_child_id", "blank");
    const PersonId person = extract_.person(key);
    read_details(person, child);
    for_each(child.find("social_care_episodes"), [&](const JsonNode& episode) {
      const bool purged = is_purged(child) || is_purged(episode);
      for_each(episode.find("child_protection_plans"),
               [&](const JsonNode& plan) { add_plan(person, plan, purged || is_purged(plan)); });
      for_each(episode.find("child_looked_after_placements"),
               [this](const JsonNode&) { extract_.count(Rule::l02); });
    });
  }

 private:
  RowRef at(const JsonNode& node) const { return {file_, static_cast<std::uint32_t>(node.line)}; }

  Day day(const JsonNode& node, std::string_view name, RuleSet& rules) {
    const JsonNode* value = node.find(name);
    if (value == nullptr || value->kind == Kind::null) return no_day;
    DayValue read{no_day, true};
    if (value->kind == Kind::string) read = read_day(extract_.profile(), value->text);
    if (read.wrong) {
      rules.add(Rule::t01);
      extract_.report(Rule::t01, at(*value), name, "not a date");
    }
    return read.day;
  }

  void read_details(PersonId person, const JsonNode& child) {
    const JsonNode* details = child.find("child_details");
    if (details == nullptr || details->kind != Kind::object) return;
    PersonFacts facts;
    RuleSet rules;
    facts.given = read_name(details->text_of("first_name"));
    facts.family = read_name(details->text_of("surname"));
    facts.birth = day(*details, "date_of_birth", rules);
    facts.expected = day(*details, "expected_date_of_birth", rules);
    facts.male = details->text_of("sex") == "M";
    extract_.people[person].rules.add(rules);
    extract_.describe(person, std::move(facts), at(child));
  }

  // `purge` says that the plan should never have been: a delete, dated today, for two people to
  // approve.
  void add_plan(PersonId person, const JsonNode& node, bool purged) {
    PlanEntry plan;
    plan.person = person;
    plan.at = at(node);
    plan.key = trimmed(node.text_of("child_protection_plan_id"));
    plan.start = day(node, "start_date", plan.rules);
    plan.end = day(node, "end_date", plan.rules);
    if (purged) plan.deleted = today_;
    extract_.plans.push_back(std::move(plan));
  }

  Extract& extract_;
  std::uint16_t file_;
  const std::string& name_;
  Day today_;
};

void read_file(Source& source, Extract& extract, Day today) {
  ChildReader reader{extract, extract.add_file(source.name()), source.name(), today};
  bool any = false;
  const Status read = read_json_list(source, "Children", values_of_a_child_max,
                                     [&](const JsonNode& top, const JsonNode& child) {
                                       any = true;
                                       reader.read(top, child);
                                     });
  if (!read) return extract.refuse(Rule::f01, source.name(), 0, "", read.error().message);
  if (!any) extract.refuse(Rule::f01, source.name(), 0, "Children", "there is no child");
}

}  // namespace

void read_rows(Extract& extract, ExportSet& files, Day today) {
  bool found = false;
  for (const auto& file : files.files) {
    if (extract.refused()) return;
    if (matches(file->name(), "*.json")) {
      found = true;
      read_file(*file, extract, today);
    }
  }
  if (!found) extract.refuse(Rule::f01, "", 0, "", "there is no JSON file");
  if (!extract.refused()) read_crosswalks(extract, files);
}

}  // namespace cpis::social_care::dfe_csc
