#pragma once

#include <string>
#include <vector>

#include "fhir/issues.h"

namespace cpis::console {

/// What was found in one file.
struct FileFindings {
  std::string file;
  fhir::Issues issues;
};

/// `file:line:column: error: Patient.name[0]: text [rule]`, one line a finding.
std::string text_report(const FileFindings& found, bool quiet);
/// One JSON object with a list of files.
std::string json_report(const std::vector<FileFindings>& all);
/// JUnit XML: one test case a file.
std::string junit_report(const std::vector<FileFindings>& all);
/// SARIF 2.1.0, as code hosting sites show it.
std::string sarif_report(const std::vector<FileFindings>& all);

}  // namespace cpis::console
