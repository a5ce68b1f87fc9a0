#pragma once

#include <array>
#include <string>
#include <string_view>

namespace cpis::usecases {

/// What is about a person and follows when two records turn out to be one person's. A Provenance
/// stays: it says what was so when its message came.
inline constexpr std::array<std::string_view, 5> types_that_follow{
    "Coverage", "Encounter", "EpisodeOfCare", "Flag", "RelatedPerson"};

/// The resource with every reference to `Patient/from` made one to `Patient/to`, and without the
/// version that a body of the resource book has. Empty when it cannot be read or names nobody of
/// that id.
std::string moved_resource(std::string_view body, std::string_view from, std::string_view to);

}  // namespace cpis::usecases
