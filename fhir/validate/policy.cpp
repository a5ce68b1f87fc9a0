#include "fhir/validate/policy.h"

#include <algorithm>

namespace cpis::fhir {
namespace {

bool same_canonical(std::string_view wanted, std::string_view found) {
  return wanted.empty() || wanted == found.substr(0, found.find('|'));
}

std::string without_indexes(std::string_view path) {
  std::string plain;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) plain += c;
    if (c == ']') inside = false;
  }
  return plain;
}

bool below(std::string_view path, std::string_view start) {
  return path.starts_with(start) && (path.size() == start.size() || path[start.size()] == '.');
}

}  // namespace

std::optional<Severity> Policy::apply(const Subject& subject, Severity standard,
                                      std::string_view path) const {
  const auto matches = [&](const PolicyRule& rule) {
    return (rule.rule.empty() || rule.rule == subject.rule) &&
           same_canonical(rule.profile, subject.profile) &&
           same_canonical(rule.value_set, subject.value_set) &&
           (rule.path.empty() || below(without_indexes(path), rule.path));
  };
  const auto found = std::ranges::find_if(rules_, matches);
  return found == rules_.end() ? standard : found->severity;
}

Issues Policy::revise(const Issues& found) const {
  Issues revised;
  for (Issue issue : found) {
    const auto severity = issue.severity == Severity::fatal
                              ? issue.severity
                              : apply({issue.rule, {}, {}}, issue.severity, issue.path);
    if (!severity) continue;
    issue.severity = *severity;
    revised.add(std::move(issue));
  }
  return revised;
}

}  // namespace cpis::fhir
