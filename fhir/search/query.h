#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/issues.h"
#include "fhir/search/values.h"

namespace cpis::fhir::search {

enum class Modifier : std::uint8_t {
  none,
  missing,
  exact,
  contains,
  not_,
  text,
  in,
  not_in,
  below,
  above,
  identifier,
  of_type,
  type,  ///< `:Patient`; see Criterion::target
};

/// `name:modifier=value,value`: all criteria of a query must hold, by any of their values.
struct Criterion {
  std::string type;  ///< of the resources that it is asked of
  std::string name;  ///< as in the query, without modifier: `subject`
  const SearchParameterDefinition* parameter = nullptr;
  Modifier modifier = Modifier::none;
  std::string target;         ///< of `:Patient`, also in a chain
  bool missing = false;       ///< the value of `:missing`
  std::vector<Value> values;  ///< never empty, but for `missing`, chains and `_has`
  /// `subject.name=x`, for the resource referred to: one for each type that it may be of.
  std::vector<Criterion> chain;
  /// `_has:Observation:patient:code=x`: a resource of `reverse_type` refers to this one by `name`,
  /// and `chain` holds for that one.
  std::string reverse_type;
};

struct Include {
  std::string source;     ///< `AuditEvent`, or `*`
  std::string parameter;  ///< `entity`, or `*`
  std::string target;     ///< may be empty: any
  bool iterate = false;
};

struct SortKey {
  std::string name;
  const SearchParameterDefinition* parameter = nullptr;  ///< null for `_score`
  bool descending = false;
};

enum class Summary : std::uint8_t { no, yes, text, data, count };
enum class Total : std::uint8_t { none, estimate, accurate };

struct Query {
  std::string type;  ///< resource type; empty for a search over all types
  std::vector<Criterion> criteria;
  std::vector<Include> includes;
  std::vector<Include> reverse_includes;
  std::vector<SortKey> sort;
  std::optional<std::uint32_t> count;
  Summary summary = Summary::no;
  Total total = Total::none;
  std::vector<std::string> elements;
  /// Parameters that were understood, in the order given, for the self link.
  std::vector<std::pair<std::string, std::string>> used;
};

struct QueryOptions {
  /// Unknown parameters are errors, not warnings (`Prefer: handling=strict`).
  bool strict = false;
  std::string own_base;
  /// Parameters of the server's own, beside those of the definitions, by name.
  std::span<const SearchParameterDefinition* const> more;
};

inline constexpr std::size_t parameters_max = 100;
inline constexpr std::size_t values_max = 1000;
inline constexpr std::size_t chain_depth_max = 4;

/// Reads decoded name and value pairs in order. Whatever is wrong is a finding at the name of its
/// parameter; a query with errors must not be run, since leaving a criterion out would find too
/// much.
/// `_format`, `_pretty` and the like, which do not choose resources, are passed over.
/// FHIR R4 3.1.1.
Query read_query(std::string_view resource_type,
                 std::span<const std::pair<std::string, std::string>> items,
                 const Definitions& definitions, const QueryOptions& options, Issues& issues);

/// `a=b&c=d` to decoded pairs, `+` and `%20` as blanks; a broken escape is a finding.
std::vector<std::pair<std::string, std::string>> split_query(std::string_view text, Issues& issues);

}  // namespace cpis::fhir::search
