#include "profiles/fhir/policy_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fhir/json/reader.h"

namespace cpis::profiles {
namespace {

constexpr std::array<std::string_view, 3> keys_of_a_policy{"name", "title", "rules"};
constexpr std::array<std::string_view, 6> keys_of_a_rule{"rule", "profile",  "valueSet",
                                                         "path", "severity", "why"};

void refuse(fhir::Issues& issues, std::string path, std::string why) {
  fhir::Issue issue;
  issue.severity = fhir::Severity::error;
  issue.path = std::move(path);
  issue.rule = "policy";
  issue.diagnostics = std::move(why);
  issues.add(std::move(issue));
}

template <std::size_t size>
void refuse_others(const fhir::Element& parent, const std::array<std::string_view, size>& keys,
                   const std::string& path, fhir::Issues& issues) {
  for (const fhir::Element& child : parent.children()) {
    if (std::ranges::find(keys, child.name()) == keys.end()) {
      refuse(issues, path, "unknown key '" + std::string{child.name()} + "'");
    }
  }
}

bool read_severity(std::string_view name, std::optional<fhir::Severity>& severity) {
  constexpr std::array all{fhir::Severity::error, fhir::Severity::warning,
                           fhir::Severity::information};
  if (name == "none") return true;
  const auto* const found =
      std::ranges::find_if(all, [&](fhir::Severity one) { return fhir::name_of(one) == name; });
  if (found == all.end()) return false;
  severity = *found;
  return true;
}

// What a rule says about a canonical holds for all its versions.
fhir::PolicyRule read_rule(const fhir::Element& one, const std::string& path,
                           fhir::Issues& issues) {
  refuse_others(one, keys_of_a_rule, path, issues);
  fhir::PolicyRule rule{std::string{one.value_of("rule")}, std::string{one.value_of("profile")},
                        std::string{one.value_of("valueSet")}, std::string{one.value_of("path")},
                        std::nullopt};
  if (rule.rule.empty() && rule.profile.empty() && rule.value_set.empty() && rule.path.empty()) {
    refuse(issues, path, "needs one of rule, profile, valueSet or path: nothing may match it all");
  }
  for (const std::string* canonical : {&rule.profile, &rule.value_set}) {
    if (canonical->find('|') != std::string::npos) {
      refuse(issues, path, "profile and valueSet are named without a version");
    }
  }
  if (!read_severity(one.value_of("severity"), rule.severity)) {
    refuse(issues, path, "severity must be error, warning, information or none");
  }
  if (one.value_of("why").empty()) refuse(issues, path, "must say why");
  return rule;
}

}  // namespace

std::optional<fhir::Policy> read_severity_policy(std::string_view json, fhir::Issues& issues) {
  if (json.size() > policy_bytes_max) {
    refuse(issues, "", "a severity policy has at most 1 MiB");
    return std::nullopt;
  }
  fhir::Document document;
  fhir::json::ReadOptions options;
  options.fragment = true;
  if (!fhir::json::read(std::string{json}, document, issues, options)) return std::nullopt;
  const fhir::Element& root = document.root();
  refuse_others(root, keys_of_a_policy, "", issues);
  if (root.count("rules") == 0) refuse(issues, "", "has no rules");
  if (root.count("rules") > policy_rules_max) {
    refuse(issues, "", "has more than 1000 rules");
    return std::nullopt;
  }
  std::vector<fhir::PolicyRule> rules;
  for (const fhir::Element& one : root.children("rules")) {
    rules.push_back(read_rule(one, "rules[" + std::to_string(rules.size()) + "]", issues));
  }
  if (!issues.ok()) return std::nullopt;
  return fhir::Policy{std::move(rules)};
}

}  // namespace cpis::profiles
