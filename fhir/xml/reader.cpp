#include "fhir/xml/reader.h"

#include <utility>

#include "fhir/xml/tree_builder.h"

namespace cpis::fhir::xml {

bool read(std::string text, Document& document, Issues& issues, const ReadOptions& options) {
  document.clear();
  const std::string_view view = document.adopt(std::move(text));
  return TreeBuilder{view, document, issues, options}.run();
}

}  // namespace cpis::fhir::xml
