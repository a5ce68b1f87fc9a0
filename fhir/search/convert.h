#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/path/value.h"
#include "fhir/search/index.h"

namespace cpis::fhir::search {

/// Turns what an expression found into index values of a search type, by the FHIR type of the
/// element. FHIR R4 3.1.1.4.7 to 3.1.1.4.14. Part of the indexer.
class Converter {
 public:
  Converter(const Definitions& definitions, std::string own_base)
      : definitions_{definitions}, own_base_{std::move(own_base)} {}

  /// Appends to `out`; a value that the type cannot hold adds nothing.
  void convert(SearchType type, const path::Value& value, std::string_view type_name,
               std::vector<IndexValue>& out) const;

 private:
  void token(const Element& element, std::string_view type, std::vector<IndexValue>& out) const;
  void coded(const Element& element, std::vector<IndexValue>& out) const;
  void reference(const Element& element, std::vector<IndexValue>& out) const;
  std::string_view implied_system(const Element& element) const;

  const Definitions& definitions_;
  std::string own_base_;
};

}  // namespace cpis::fhir::search
