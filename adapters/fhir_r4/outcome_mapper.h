#pragma once

#include <string>
#include <string_view>

#include "fhir/tree/document.h"

namespace cpis::fhir_r4 {

/// One issue of an OperationOutcome.
struct OutcomeIssue {
  std::string_view severity = "error";
  std::string_view code = "processing";  ///< issue-type
  std::string_view detail_code;          ///< Spine error code, for example INVALID_SEARCH_DATA
  std::string diagnostics;
  std::string expression;  ///< FHIRPath, or `http.<parameter>` for the request itself
};

/// Makes `doc` an OperationOutcome of one issue.
void write_outcome(fhir::Document& doc, const OutcomeIssue& issue);
void add_issue(fhir::Document& doc, fhir::Element& outcome, const OutcomeIssue& issue);

}  // namespace cpis::fhir_r4
