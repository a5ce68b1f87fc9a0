#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fhir/search/index.h"
#include "fhir/search/query.h"

namespace cpis::fhir::search {

/// What matching asks of the world. A criterion that needs a missing callback matches nothing and
/// is reported by `unanswered`.
struct Lookups {
  /// :in and :not-in; none when the value set is unknown.
  std::function<std::optional<bool>(std::string_view system, std::string_view code,
                                    std::string_view value_set)>
      in_value_set;
  /// :below (and :above with the arguments exchanged).
  std::function<std::optional<bool>(std::string_view system, std::string_view general,
                                    std::string_view special)>
      subsumes;
  /// Chains: the resource a reference leads to, or null.
  std::function<const Element*(const ReferenceKey& key)> resolve;
  /// _has: resources of the type that refer to this one by the parameter.
  std::function<std::vector<const Element*>(
      std::string_view type, const SearchParameterDefinition& parameter, const Element& target)>
      referring;
  /// For the prefix `ap` of dates: now, in milliseconds since 1970 UTC.
  std::optional<std::int64_t> now;
};

/// Whether one value of a criterion holds for one index value of the same parameter. Pure, so that
/// stored index rows can be checked, too. Not for :missing, chains and terminology.
bool holds(SearchType type, Modifier modifier, const Value& value, const IndexValue& index,
           std::optional<std::int64_t> now = std::nullopt);

/// Decides whether resources match criteria. Keeps an Indexer; for one thread.
class Matcher {
 public:
  Matcher(const Definitions& definitions, std::string own_base, Lookups lookups);

  bool matches(const Criterion& criterion, const Element& resource);
  /// All criteria, and the type of the query.
  bool matches(const Query& query, const Element& resource);

  /// A criterion met so far could not be decided (terminology or resolving is not at hand): the
  /// answer "no match" is not to be trusted then.
  bool unanswered() const { return unanswered_; }

 private:
  bool any_holds(const Criterion& criterion, std::span<const IndexValue> index);
  bool in_value_set(const Criterion& criterion, std::span<const IndexValue> index);
  bool subsumed(const Criterion& criterion, std::span<const IndexValue> index);
  bool chained(const Criterion& criterion, std::span<const IndexValue> index);
  bool reversed(const Criterion& criterion, const Element& resource);

  Indexer indexer_;
  Lookups lookups_;
  bool unanswered_ = false;
};

}  // namespace cpis::fhir::search
