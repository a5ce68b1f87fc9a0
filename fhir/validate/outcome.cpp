#include "fhir/validate/outcome.h"

#include <string>

namespace cpis::fhir {
Document to_operation_outcome(const Issues& issues) {
  Document document;
  Element& root = document.set_root("OperationOutcome");
  for (const Issue& found : issues) {
    Element& issue = document.append_item(root, "issue");
    document.set(issue, "severity", name_of(found.severity));
    document.set(issue, "code", name_of(found.code));
    Element& details = document.append(issue, "details");
    Element& coding = document.append_item(details, "coding");
    document.set(coding, "system", rule_system);
    document.set(coding, "code", found.rule);
    document.set(issue, "diagnostics", found.diagnostics);
    if (found.line > 0) {
      document.append_item(
          issue, "location",
          "Line " + std::to_string(found.line) + ", Col " + std::to_string(found.column));
    }
    if (!found.path.empty()) document.append_item(issue, "expression", found.path);
  }
  if (issues.dropped() > 0 || issues.empty()) {
    Element& issue = document.append_item(root, "issue");
    const bool cut = issues.dropped() > 0;
    document.set(issue, "severity", cut ? "warning" : "information");
    document.set(issue, "code", cut ? "incomplete" : "informational");
    document.set(issue, "diagnostics",
                 cut ? std::to_string(issues.dropped()) + " more findings are not listed"
                     : "no issues found");
  }
  return document;
}

}  // namespace cpis::fhir
