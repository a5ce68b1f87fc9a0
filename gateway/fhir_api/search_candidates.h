#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "fhir/search/query.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/resources/resource_book.h"

// How a search finds what it looks at: from criteria to the indexes of the book.

namespace cpis::fhir_api {

/// `patient` and `subject` in the forms that callers here use (a bare NHS number, an identifier)
/// become references; the rest stays. A response when a number cannot be one.
std::variant<SearchItems, http::Response> normalised(const Services& services,
                                                     const SearchItems& items);

/// The people who can match a search by birth date, when that is days or months (31 days in all);
/// nothing for any other search.
std::optional<std::vector<resources::EntryPtr>> born_candidates(const resources::ResourceBook& book,
                                                                const fhir::search::Query& query);

/// Every resource that can match, by the first criterion that an index answers (`_id`,
/// `identifier`, `patient`, `subject`, `patient.identifier`); nothing when there is no such one.
std::optional<std::vector<resources::EntryPtr>> candidates_of(const resources::ResourceBook& book,
                                                              const fhir::search::Query& query);

/// The time that a query's dates leave open, never smaller than what they say; nothing without
/// `date`.
struct Window {
  Time from{Time::min()};
  Time to{Time::max()};
};
std::optional<Window> window_of(const fhir::search::Query& query);

/// False when the entry's keys alone say that it does not match.
bool may_match(const fhir::search::Query& query, const resources::Entry& entry);

/// Whether resources of the type are about people, so that nobody lists them all.
bool about_people(std::string_view type);
/// Whether the criteria single out people enough although no index answers them.
bool narrow_enough(const fhir::search::Query& query);

}  // namespace cpis::fhir_api
