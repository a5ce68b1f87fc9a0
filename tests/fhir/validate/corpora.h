#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/xml/reader.h"

namespace corpora {

inline std::filesystem::path root() {
  return std::filesystem::path{CPIS_SOURCE} / "../shared/corpora/fhir";
}
inline bool here() { return std::filesystem::exists(root()); }

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Reads JSON or XML, by the first byte that says which.
inline bool read(const std::filesystem::path& path, cpis::fhir::Document& document,
                 cpis::fhir::Issues& issues) {
  std::string text = text_of(path);
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first != std::string::npos && text[first] == '<') {
    return cpis::fhir::xml::read(std::move(text), document, issues,
                                 {.schema = &cpis::fhir::Definitions::r4().types()});
  }
  return cpis::fhir::json::read(std::move(text), document, issues);
}

}  // namespace corpora
