#pragma once

#include <string>
#include <vector>

namespace cpis::console {

struct ValidateFiles {
  std::vector<std::string> files;
  std::vector<std::string> profiles;
  std::vector<std::string> packages;
  std::string format = "text";  ///< text, json, junit or sarif
  bool best_practice = false;
  bool must_support = false;
  bool quiet = false;  ///< only faults
};

/// Exit code 1 when a file has an error.
int validate_files(const ValidateFiles& options);
int evaluate_fhirpath(const std::string& expression, const std::string& file, bool strict);
int convert_file(const std::string& file, const std::string& to);
/// Writes a StructureDefinition with its snapshot.
int make_snapshot(const std::string& file, const std::vector<std::string>& packages);

}  // namespace cpis::console
