#include <fstream>
#include <iostream>
#include <iterator>

#include "gateway/console/commands.h"

namespace cpis::console {

std::optional<std::string> read_whole_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in.good()) {
    std::cerr << path << ": cannot be read; does it exist, and may you read it?\n";
    return std::nullopt;
  }
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

std::string line_of(const Finding& finding, const std::string& otherwise_source) {
  std::string line = finding.source.empty() ? otherwise_source : finding.source;
  if (finding.line != 0) line += ':' + std::to_string(finding.line);
  if (!line.empty()) line += ": ";
  if (!finding.field.empty()) line += finding.field + ": ";
  return line + finding.text + " [" + finding.rule + "]";
}

std::optional<config::Settings> load_settings(const std::string& path) {
  const auto text = read_whole_file(path);
  if (!text) return std::nullopt;
  Findings findings;
  auto settings = config::read_settings(*text, findings);
  for (const Finding& finding : findings) std::cerr << line_of(finding, path) << '\n';
  return settings;
}

}  // namespace cpis::console
