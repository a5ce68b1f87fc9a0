#include "adapters/social_care/rules.h"

#include <string>

namespace cpis::social_care {
namespace {

using enum RuleOutcome;
constexpr std::array<RuleWords, rule_count> rules{{
    {Rule::f01, "F01", file_refused, "the file cannot be read as its format",
     "export it again; do not open and save it in a spreadsheet"},
    {Rule::f02, "F02", file_refused, "the extract is a repeat or older than the last one",
     "check that the export job ran today"},
    {Rule::f03, "F03", file_held, "the number of plans moved more than the profile allows",
     "compare with the case system, then release or discard the file"},
    {Rule::f04, "F04", file_refused, "the local authority is not the configured one",
     "check the authority codes of the profile and of the export"},
    {Rule::p01, "P01", held, "the local id is blank, too long, or used with different details",
     "correct or merge the person records"},
    {Rule::p02, "P02", held, "there is no NHS number and no reason for that",
     "trace the NHS number or record why there is none"},
    {Rule::p03, "P03", held, "the NHS number is malformed", "trace the NHS number"},
    {Rule::p04, "P04", held, "one NHS number with two people, or one person with two numbers",
     "find out which is right; numbers are never chosen automatically"},
    {Rule::p05, "P05", held, "neither or both of birth date and expected birth date",
     "keep the one that is true"},
    {Rule::p06, "P06", held, "the birth date is in the future", "correct the birth date"},
    {Rule::p07, "P07", query, "the expected birth date is long past",
     "record the birth, or close the plan"},
    {Rule::p08, "P08", held, "the name is blank or carries a marker", "record the registered name"},
    {Rule::p09, "P09", query, "18 or over with an open plan", "close the plan in the case system"},
    {Rule::p10, "P10", held, "the person has died and the plan is open",
     "close the plan in the case system"},
    {Rule::p11, "P11", held, "the person's own row is missing", "export the person with the plan"},
    {Rule::c01, "C01", held, "the start is missing, in the future, or before the birth",
     "correct the start date"},
    {Rule::c02, "C02", held, "the end is before the start", "correct the dates"},
    {Rule::c03, "C03", held, "two plans of this kind at the same time",
     "close or delete the one that is wrong"},
    {Rule::c04, "C04", skipped, "another authority's plan or a temporary plan", ""},
    {Rule::c05, "C05", skipped, "ended longer ago than CP-IS keeps", ""},
    {Rule::l01, "L01", held, "the legal status is not recognised",
     "add the exact label to the profile, or use the code"},
    {Rule::l02, "L02", skipped, "a legal status outside the scope of CP-IS", ""},
    {Rule::l03, "L03", warning, "status episodes overlap, or leave a gap that should not be",
     "correct the episodes"},
    {Rule::u01, "U01", held, "the mother of the unborn child is not in the export",
     "link the mother in the case system"},
    {Rule::u02, "U02", held, "more than one mother of the unborn child",
     "keep one current mother link"},
    {Rule::u03, "U03", held, "the mother has no usable NHS number, name or birth date",
     "complete the mother's record"},
    {Rule::u04, "U04", held, "the linked mother is male or has died", "correct the mother link"},
    {Rule::d01, "D01", held, "the record was in the last extract and is not in this one",
     "find out why; absence never ends a plan"},
    {Rule::d02, "D02", held, "the start date changed after the record was accepted",
     "decide: delete and create again, or correct the case system"},
    {Rule::d03, "D03", held, "a delete date needs a second person's approval",
     "approve or refuse the delete"},
    {Rule::t01, "T01", held, "a value is not of the kind its column promises",
     "correct the value or the profile"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].rule != static_cast<Rule>(i)) return false;
  }
  return true;
}
static_assert(in_order());
static_assert(rule_count <= 64, "RuleSet is one word");

Severity severity_of(RuleOutcome outcome) {
  switch (outcome) {
    case file_refused:
    case file_held:
      return Severity::fatal;
    case held:
      return Severity::error;
    case skipped:
      return Severity::information;
    case query:
    case warning:
      break;
  }
  return Severity::warning;
}

}  // namespace

const std::array<RuleWords, rule_count>& rule_table() { return rules; }

const RuleWords& words_of(Rule rule) { return rules[static_cast<std::size_t>(rule)]; }

std::string_view name_of(RuleOutcome outcome) {
  constexpr std::array<std::string_view, 6> names{"file-refused", "file-held", "held",
                                                  "skipped",      "query",     "warning"};
  return names[static_cast<std::size_t>(outcome)];
}

bool RuleSet::any(RuleOutcome outcome) const {
  for (const RuleWords& words : rules) {
    if (has(words.rule) && words.outcome == outcome) return true;
  }
  return false;
}

std::vector<Rule> RuleSet::list() const {
  std::vector<Rule> found;
  for (const RuleWords& words : rules) {
    if (has(words.rule)) found.push_back(words.rule);
  }
  return found;
}

Finding finding_of(Rule rule, std::string_view source, std::size_t line, std::string_view field,
                   std::string_view detail) {
  const RuleWords& words = words_of(rule);
  std::string text{words.text};
  if (!detail.empty()) text.append(": ").append(detail);
  return {severity_of(words.outcome), std::string{words.id}, std::string{source}, line,
          std::string{field},         std::move(text)};
}

}  // namespace cpis::social_care
