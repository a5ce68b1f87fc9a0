#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cpis::fhir {

/// Longer names are not compared.
inline constexpr std::size_t suggest_bytes_max = 64;

/// The one of `known` that somebody who wrote `name` most likely meant; empty when none is near:
/// at most two letters added, lost, changed or swapped, and fewer than half of them.
std::string_view suggest(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace cpis::fhir
