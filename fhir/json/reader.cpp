#include "fhir/json/reader.h"

#include <utility>

#include "fhir/json/tree_builder.h"

namespace cpis::fhir::json {

bool read(std::string text, Document& document, Issues& issues, const ReadOptions& options) {
  document.clear();
  const std::string_view view = document.adopt(std::move(text));
  return TreeBuilder{view, document, issues, options}.run();
}

bool read_view(std::string_view text, Document& document, Issues& issues,
               const ReadOptions& options) {
  document.clear();
  return TreeBuilder{text, document, issues, options}.run();
}

}  // namespace cpis::fhir::json
