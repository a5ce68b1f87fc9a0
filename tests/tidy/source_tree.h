#pragma once

#include <string>
#include <vector>

namespace cpis::tidy {

struct SourceFile {
  std::string path;  ///< relative to the root of the project, with forward slashes
  std::vector<std::string> lines;
};

/// Every .h and .cpp file of the project, build folders left out. Fails the running test when
/// fewer than a plausible number are found: a check that looked at nothing must not pass.
const std::vector<SourceFile>& source_tree();

/// The line without string and character literals and without a trailing // comment.
std::string code_of(const std::string& line);

}  // namespace cpis::tidy
