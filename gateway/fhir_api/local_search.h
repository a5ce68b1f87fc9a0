#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fhir/search/query.h"
#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/search_request.h"
#include "gateway/fhir_api/services.h"
#include "gateway/http/response.h"
#include "gateway/resources/resource_book.h"

namespace cpis::fhir_api {

using SearchItems = std::vector<std::pair<std::string, std::string>>;

/// A search over local resources, as asked.
struct LocalQuery {
  std::string type;
  SearchItems items;
  std::string base;          ///< own references may be absolute
  bool lenient = false;      ///< unknown parameters are left out, and the self link shows it
  bool any_breadth = false;  ///< not for people: a condition of a write may be as wide as it likes
  std::string owner;         ///< of Subscriptions: those of others are not there
  std::string after;         ///< where the page begins, as `LocalPage::next` said; empty: the first
};

struct LocalPage {
  std::vector<resources::EntryPtr> matches;
  std::vector<resources::EntryPtr> included;
  std::optional<std::size_t> total;   ///< when it is known without counting on
  std::optional<std::string> next;    ///< not empty: there is more
  SearchItems used;                   ///< for the self link
  std::vector<std::string> left_out;  ///< parameters that were not known, when lenient
};

/// Searches local resources by R4's own search parameters (fhir/search): by index to candidates,
/// then by the definitions. Refuses, with 400, what is not understood, what would list people
/// (narrow_enough) and what would have to look at more than `search.examined_max` resources.
/// Safe on many threads; blocks for as long as it computes, so not on a loop.
std::variant<LocalPage, http::Response> search_local(const Services& services,
                                                     const LocalQuery& query);

/// R4's parameters for a type and ours, for the tables.
std::span<const SearchParam> defined_params(std::string_view type);
/// Parameters of ours beside R4's: `status` and `category` of Flag.
std::span<const fhir::SearchParameterDefinition* const> own_parameters();

/// What makes a search over people narrow, in words, for the refusal.
std::string_view narrow_words(std::string_view type);

}  // namespace cpis::fhir_api
