#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fhir/tree/document.h"

namespace cpis::fhir_r4 {

/// Builds a searchset Bundle on a document. Matches come before what was included.
class Searchset {
 public:
  /// `base` is the server's base URL as the client knows it, without a slash at the end; `self`
  /// the query that was really answered.
  Searchset(fhir::Document& doc, std::string_view base, std::string_view self,
            std::string_view timestamp);

  /// A new entry's resource to fill. `id` must be what the resource will carry.
  fhir::Element& match(std::string_view type, std::string_view id) { return add(type, id, true); }
  fhir::Element& include(std::string_view type, std::string_view id) {
    return add(type, id, false);
  }
  /// An entry whose resource is copied from a finished tree.
  void add_copy(const fhir::Element& resource, std::string_view id, bool is_match);
  /// Something the reader must know beside the matches: an OperationOutcome of one warning.
  void warn(std::string_view code, std::string diagnostics);
  void add_link(std::string_view relation, std::string_view url);

  /// Writes `total` (matches in all, which may be more than this page shows). Call last.
  void finish(std::size_t total);

 private:
  fhir::Element& entry(std::string_view type, std::string_view id);
  fhir::Element& add(std::string_view type, std::string_view id, bool is_match);

  fhir::Document& doc_;
  fhir::Element& bundle_;
  fhir::Element* total_ = nullptr;
  std::string base_;
};

}  // namespace cpis::fhir_r4
