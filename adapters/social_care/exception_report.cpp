#include "adapters/social_care/exception_report.h"

#include <algorithm>
#include <array>

#include "adapters/social_care/csv/csv_writer.h"
#include "adapters/social_care/json/json_tree.h"

namespace cpis::social_care {
namespace {

std::string_view name_of(Severity severity) {
  constexpr std::array<std::string_view, 4> names{"information", "warning", "error", "fatal"};
  return names[static_cast<std::size_t>(severity)];
}

const RuleWords* rule_of(const Finding& finding) {
  const auto& rules = rule_table();
  const auto found = std::find_if(rules.begin(), rules.end(), [&finding](const RuleWords& words) {
    return words.id == finding.rule;
  });
  return found == rules.end() ? nullptr : &*found;
}

// A remark of a rule that normally holds is not something to repair.
std::string_view remedy_of(const Finding& finding) {
  const RuleWords* rule = rule_of(finding);
  const bool blocks = finding.severity >= Severity::error;
  const bool asks = rule != nullptr && rule->outcome == RuleOutcome::query;
  return rule != nullptr && (blocks || asks) ? rule->remedy : std::string_view{};
}

std::string json_finding(const Finding& finding) {
  return "{\"severity\":" + json_string(name_of(finding.severity)) +
         ",\"rule\":" + json_string(finding.rule) + ",\"file\":" + json_string(finding.source) +
         ",\"line\":" + std::to_string(finding.line) + ",\"field\":" + json_string(finding.field) +
         ",\"text\":" + json_string(finding.text) +
         ",\"remedy\":" + json_string(remedy_of(finding)) + "}";
}

template <class Names>
std::string json_counts(const Names& names) {
  std::string out = "{";
  for (const auto& [name, count] : names) {
    if (out.size() > 1) out += ',';
    out += json_string(name) + ":" + std::to_string(count);
  }
  return out + "}";
}

using NamedCounts = std::vector<std::pair<std::string, std::size_t>>;

NamedCounts states_of(const Counts& counts) {
  NamedCounts named;
  for (const RecordState state :
       {RecordState::ready, RecordState::queried, RecordState::held, RecordState::skipped}) {
    named.emplace_back(name_of(state), counts.in(state));
  }
  return named;
}

NamedCounts open_plans_of(const Counts& counts) {
  NamedCounts named;
  for (const PlanTypeWords& words : plan_type_words) {
    named.emplace_back(words.code, counts.open_by_type[static_cast<std::size_t>(words.type)]);
  }
  return named;
}

NamedCounts rules_of(const Counts& counts) {
  NamedCounts named;
  for (const RuleWords& words : rule_table()) {
    if (counts.of(words.rule) != 0) named.emplace_back(words.id, counts.of(words.rule));
  }
  return named;
}

}  // namespace

std::string exception_csv_header() { return "rule,severity,file,line,field,text,remedy\r\n"; }

std::string exception_csv_line(const Finding& finding) {
  std::string out;
  const std::string line = finding.line == 0 ? "" : std::to_string(finding.line);
  append_csv(out, {finding.rule, name_of(finding.severity), finding.source, line, finding.field,
                   finding.text, remedy_of(finding)});
  return out;
}

std::string exception_json(const ReportHead& head, const Counts& counts,
                           std::span<const Finding> findings) {
  std::string out = "{\"profile\":" + json_string(head.profile) + ",\"date\":\"" +
                    to_iso(head.today) + "\",\"refused\":" + (counts.refused ? "true" : "false") +
                    ",\"rows\":" + std::to_string(counts.rows) +
                    ",\"people\":" + std::to_string(counts.people) +
                    ",\"records\":" + json_counts(states_of(counts)) +
                    ",\"open_plans\":" + json_counts(open_plans_of(counts)) +
                    ",\"rules\":" + json_counts(rules_of(counts)) + ",\"findings\":[";
  bool first = true;
  for (const Finding& finding : findings) {
    out += (first ? "\n" : ",\n") + json_finding(finding);
    first = false;
  }
  return out + "\n]}\n";
}

std::string import_summary(const Counts& counts) {
  std::string out;
  if (counts.refused) out += "REFUSED: nothing of this export was used.\n";
  out += std::to_string(counts.rows) + " rows, " + std::to_string(counts.people) + " people, " +
         std::to_string(counts.records) + " records\n";
  for (const auto& [name, count] : states_of(counts)) {
    out += "  " + name + ": " + std::to_string(count) + "\n";
  }
  for (const RuleWords& words : rule_table()) {
    if (counts.of(words.rule) == 0) continue;
    out += "  " + std::string{words.id} + " " + std::to_string(counts.of(words.rule)) + " x " +
           std::string{words.text} + " (" + std::string{name_of(words.outcome)} + ")\n";
  }
  return out;
}

}  // namespace cpis::social_care
