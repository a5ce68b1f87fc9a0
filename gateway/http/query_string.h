#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"

namespace cpis::http {

/// Decodes %XX. Empty when a '%' has no two hexadecimal digits after it, or the outcome has a NUL
/// or is not UTF-8. '+' stays.
std::optional<std::string> percent_decode(std::string_view text);

/// Encodes everything but letters, digits and "-._~" (RFC 3986, 2.3).
std::string percent_encode(std::string_view text);

struct QueryLimits {
  std::size_t bytes = std::size_t{64} * 1024;  ///< undecoded, all together
  std::size_t parameters = 200;
};

struct QueryParameter {
  std::string name;
  std::string value;  ///< empty with and without a '='
  friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
};

/// The parameters of a query, or of a form body (application/x-www-form-urlencoded), decoded.
///
///     query := [ part *( "&" part ) ]      part := name [ "=" value ]
///
/// Order and repetitions are kept: in FHIR a repeated parameter means AND. '+' is a space. Empty
/// parts are skipped. A part with a value but no name is refused, and so is text that is not UTF-8.
class QueryString {
 public:
  /// `bad_input` says what is wrong and in which part (counted from 1), never its text.
  static Result<QueryString> parse(std::string_view text, const QueryLimits& limits = {});

  const std::vector<QueryParameter>& parameters() const noexcept { return parameters_; }
  /// The first value of that exact name.
  std::optional<std::string_view> first(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;

 private:
  std::vector<QueryParameter> parameters_;
};

/// The opposite of `parse`: percent-encoded, in order.
std::string write_query(const std::vector<QueryParameter>& parameters);

}  // namespace cpis::http
