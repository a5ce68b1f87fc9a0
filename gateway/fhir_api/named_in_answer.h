#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cpis::fhir_api {

/// One resource that an answer shows.
struct NamedResource {
  std::string type;
  std::string id;
  std::string version;  ///< meta.versionId; empty when the answer does not say

  /// `Patient/1`, or `Patient/1/_history/2`.
  std::string text(bool with_version) const;
};

/// The resources that a body shows, each once, in order: the resource itself, or the entries of a
/// Bundle. An entry without a resource (the end of one, in a history) is named by its fullUrl.
/// What has no id, and outcomes and parameters, are not named.
///
/// `body` is FHIR JSON of our own writers; of anything else it names what it can see. One pass, no
/// tree: it stands in the way of every answer that is audited by it.
std::vector<NamedResource> named_in(std::string_view body);

}  // namespace cpis::fhir_api
