#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace cpis::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_min = 30;
constexpr std::array<std::string_view, 6> roots{"fhir",    "profiles",    "adapters",
                                                "gateway", "conformance", "tests"};

SourceFile read(const fs::path& path) {
  SourceFile file{fs::relative(path, CPIS_SOURCE).generic_string(), {}};
  std::ifstream in{path};
  for (std::string line; std::getline(in, line);) file.lines.push_back(line);
  return file;
}

std::vector<SourceFile> read_tree() {
  std::vector<SourceFile> files;
  for (const std::string_view root : roots) {
    for (const auto& entry : fs::recursive_directory_iterator{fs::path{CPIS_SOURCE} / root}) {
      const fs::path& path = entry.path();
      if (path.extension() == ".h" || path.extension() == ".cpp") files.push_back(read(path));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace

const std::vector<SourceFile>& source_tree() {
  static const std::vector<SourceFile> files = read_tree();
  BOOST_REQUIRE_GT(files.size(), files_min);
  return files;
}

std::string code_of(const std::string& line) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '/' && i + 1 < line.size() && line[i + 1] == '/') break;
    // An apostrophe between digits is a separator (10'000), not a character literal.
    const bool separator =
        c == '\'' && i > 0 && std::isxdigit(static_cast<unsigned char>(line[i - 1])) != 0;
    if ((c == '"' || c == '\'') && !separator) {
      quote = c;
      continue;
    }
    code += c;
  }
  return code;
}

}  // namespace cpis::tidy
