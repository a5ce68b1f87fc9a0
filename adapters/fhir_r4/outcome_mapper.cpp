#include "adapters/fhir_r4/outcome_mapper.h"

#include "adapters/fhir_r4/build.h"
#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4 {

void add_issue(fhir::Document& doc, fhir::Element& outcome, const OutcomeIssue& issue) {
  fhir::Element& element = doc.append_item(outcome, "issue");
  doc.append(element, "severity", issue.severity);
  doc.append(element, "code", issue.code);
  if (!issue.detail_code.empty()) {
    add_concept(doc, element, "details", false, systems::spine_error, issue.detail_code, {});
  }
  if (!issue.diagnostics.empty()) doc.append(element, "diagnostics", issue.diagnostics);
  if (!issue.expression.empty()) doc.append_item(element, "expression", issue.expression);
}

void write_outcome(fhir::Document& doc, const OutcomeIssue& issue) {
  add_issue(doc, doc.set_root("OperationOutcome"), issue);
}

}  // namespace cpis::fhir_r4
