#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fhir/definitions/definitions.h"

namespace cpis::console {

struct ValidateFiles {
  std::vector<std::string> files;
  std::vector<std::string> profiles;
  std::vector<std::string> packages;
  std::string policy;           ///< name of a shipped severity policy; empty: none
  std::string format = "text";  ///< text, json, junit or sarif
  bool best_practice = false;
  bool must_support = false;
  bool quiet = false;  ///< only faults
};

struct AskTerminology {
  std::string canonical;  ///< of a ValueSet; for a code also of a CodeSystem
  std::string code;       ///< `code` or `system|code`
  std::string display;
  std::string filter;
  std::size_t count = 1000;
  std::vector<std::string> packages;
};

/// R4, this product's own artefacts and the packages; null, with a message, when one of these
/// cannot be read.
std::unique_ptr<fhir::Definitions> load_definitions(const std::vector<std::string>& packages);

/// Exit code 1 when a file has an error.
int validate_files(const ValidateFiles& options);
int evaluate_fhirpath(const std::string& expression, const std::string& file, bool strict);
int convert_file(const std::string& file, const std::string& to);
/// Writes a StructureDefinition with its snapshot.
int make_snapshot(const std::string& file, const std::vector<std::string>& packages);
/// Lists a value set, one `system code display` a line; 1 when it cannot be listed whole.
int expand_set(const AskTerminology& asked);
/// Says yes (0), no (1) or, with the reason, that nobody here can tell (exit_failed).
int check_code(const AskTerminology& asked);

}  // namespace cpis::console
