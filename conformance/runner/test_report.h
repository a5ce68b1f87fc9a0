#pragma once

#include <string>
#include <string_view>

#include "conformance/runner/engine.h"
#include "fhir/tree/document.h"

namespace cpis::conformance {

struct ReportContext {
  std::string_view server;  ///< base url
  std::string_view issued;  ///< FHIR instant or dateTime; empty: left out
};

/// Builds the TestReport resource (FHIR R4 testreport.html) of one run.
void write_test_report(const ScriptReport& report, const ReportContext& context,
                       fhir::Document& document);

/// The same for people: one line a test, and below it what did not pass.
std::string readable(const ScriptReport& report, bool every_action);

/// All runs as one JUnit file, for build servers.
std::string junit(const std::vector<ScriptReport>& reports);

}  // namespace cpis::conformance
