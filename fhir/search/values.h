#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/model.h"
#include "fhir/path/decimal.h"
#include "fhir/path/temporal.h"

/// Search parameters as values. FHIR R4, http://hl7.org/fhir/R4/search.html, 3.1.1.
namespace cpis::fhir::search {

using Prefix = SearchComparator;

/// Moments in milliseconds since 1970 UTC: from the first to before the last. Open ends are the
/// extremes. A date stands for all moments it may mean.
struct TimeRange {
  static constexpr std::int64_t earliest = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max();
  std::int64_t from = earliest;
  std::int64_t to = latest;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};
/// A value without offset is taken as UTC.
TimeRange range_of(const path::Temporal& moment);

/// A number with the numbers that round to it: `5.0` is 4.95 up to before 5.05. 3.1.1.5.6.
struct NumberRange {
  path::Decimal value;
  path::Decimal from;
  path::Decimal to;
};
std::optional<NumberRange> number_range(std::string_view text);

/// What a reference names: `Patient/1`, a url of another server, or a canonical.
struct ReferenceKey {
  std::string type;     ///< `Patient`; empty when not said
  std::string id;       ///< logical id; empty for a canonical or urn
  std::string url;      ///< absolute, without version; empty when relative
  std::string version;  ///< of `/_history/` or behind `|`
};
/// `own_base` (`https://host/FHIR/R4`) in front is dropped, so own absolute references are
/// relative.
ReferenceKey reference_key(std::string_view text, std::string_view own_base);

/// One of the alternatives of a parameter. Which members say something depends on the type.
struct Value {
  Prefix prefix = Prefix::eq;
  std::string text;           ///< string, uri; the code of a token; the unit of a quantity
  std::string system;         ///< token, quantity
  bool system_given = false;  ///< there was a bar: an empty system means "none"
  std::string type_code;      ///< :of-type
  ReferenceKey reference;
  TimeRange time;
  NumberRange number;
  std::vector<Value> parts;  ///< of a composite
};

/// Reads one alternative, unescaped. None, with `problem` set, when it is not of the type.
/// `own_base` as for `reference_key`. Composites are read by the query, which knows their parts.
std::optional<Value> read_value(SearchType type, std::string_view text, std::string_view own_base,
                                std::string& problem);

/// Cuts at separators that are not escaped; the parts keep their escapes. 3.1.1.4.1.
std::vector<std::string_view> split_escaped(std::string_view text, char separator);
std::string unescaped(std::string_view text);

/// Lower case without accents, as strings are compared. 3.1.1.4.8.
std::string folded(std::string_view text);

}  // namespace cpis::fhir::search
