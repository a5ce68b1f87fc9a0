#include "fhir/validate/run.h"

#include <utility>

namespace cpis::fhir {

void Run::all() {
  types().annotate(document_);
  const Element& root = document_.root();
  if (root.type() == Schema::no_type && !root.resource()) {
    report(Severity::error, IssueCode::structure, root, "resource-type",
           "there is no resourceType");
    return;
  }
  resource(root);
  if (options_.structure_only || root.type() == Schema::no_type) return;
  for (const std::string& canonical : options_.profiles) profile(root, canonical, true);
}

void Run::report(Severity severity, IssueCode code, const Element& at, std::string_view rule,
                 std::string text, std::string_view child, const Subject& subject) {
  Issue issue;
  issue.severity = severity;
  issue.code = code;
  issue.path = path_of(at);
  if (!child.empty()) issue.path.append(".").append(child);
  issue.line = at.line();
  issue.column = at.column();
  issue.diagnostics = std::move(text);
  add(std::move(issue), rule, subject);
}

void Run::add(Issue issue, std::string_view rule, const Subject& subject) {
  if (!options_.policy.empty()) {
    const Subject about{rule, subject.profile, subject.value_set};
    const auto decided = options_.policy.apply(about, issue.severity, issue.path);
    if (!decided) return;
    issue.severity = *decided;
  }
  issue.rule = rule;
  if (!subject.profile.empty()) {
    issue.diagnostics.append(" (").append(subject.profile).append(")");
  }
  issues_->add(std::move(issue));
}

}  // namespace cpis::fhir
