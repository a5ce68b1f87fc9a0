#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fhir/tree/document.h"
#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/services.h"

namespace cpis::fhir_api {

inline constexpr std::size_t bundle_entries_max = 500;

/// One entry of a batch or transaction.
struct BundleEntry {
  std::string method;
  std::string url;  ///< below the base, without a slash in front
  std::string full_url;
  std::string if_match, if_none_match, if_modified_since, if_none_exist;
  std::string body;                         ///< the resource as JSON
  const fhir::Element* resource = nullptr;  ///< in the Bundle
  std::optional<http::Response> response;   ///< once it has been worked on
};

/// The entries of a Bundle, or 400 for one that cannot be understood. Views into `bundle`.
std::variant<std::vector<BundleEntry>, http::Response> read_entries(const fhir::Document& bundle,
                                                                    const std::string& base);

/// Works on the writing entries of a transaction in the order of the specification (DELETE, POST,
/// PUT, PATCH), with references between entries resolved, as one change of the store: all of it is
/// durable, or none. Fills their responses; reading entries stay open, for afterwards. A response
/// when it failed as a whole: then nothing was written. Blocks; not on a loop.
std::optional<http::Response> run_transaction(const Services& services, const Exchange& exchange,
                                              fhir::Document& bundle,
                                              std::vector<BundleEntry>& entries);

}  // namespace cpis::fhir_api
