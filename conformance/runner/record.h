#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/runner/http_exchange.h"
#include "fhir/tree/document.h"

namespace cpis::conformance {

/// A body that may be a FHIR resource: text, and the tree on demand.
class Body {
 public:
  Body() = default;
  explicit Body(std::string text) : text_{std::move(text)} {}

  const std::string& text() const { return text_; }
  /// JSON or XML by the first character, annotated with the R4 definitions; null for anything else.
  fhir::Document* resource();

 private:
  std::string text_;
  bool tried_ = false;
  std::unique_ptr<fhir::Document> document_;
};

/// What an id of a TestScript stands for: a fixture, the answer to an operation, or a request.
struct Record {
  Body body;
  std::vector<HttpHeader> headers;
  std::string method;  ///< of a request
  std::string url;     ///< of a request, or of the request that was answered
  int status = 0;      ///< of a response
  bool is_request = false;

  /// The id that a server gave this resource: from `Location`, else from the resource itself.
  std::string resource_id();
  std::string resource_type();
  /// From `Location`, `ETag` or meta.versionId.
  std::string version_id();
};

/// FHIR R4 wire format of a text: `json`, `xml`, or empty.
std::string_view format_of(std::string_view text);

/// The resource in the other format; the text itself when it is in that format already, or is no
/// resource.
std::string in_format(Body& body, std::string_view format);

/// True when everything in `minimum` is in `actual`: same literals, each item of a list somewhere
/// in the list. A resource may also be an entry of an actual Bundle. For `minimumId`.
bool contains_all(const fhir::Element& minimum, const fhir::Element& actual);

}  // namespace cpis::conformance
