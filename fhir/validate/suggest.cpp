#include "fhir/validate/suggest.h"

#include <algorithm>
#include <array>

namespace cpis::fhir {
namespace {

constexpr std::size_t distance_max = 2;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment: a swap of neighbours counts one. Case does not count.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, suggest_bytes_max + 1>;
  Row before_last{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string_view suggest(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t best_distance = distance_max + 1;
  if (name.size() > suggest_bytes_max) return best;
  for (const std::string_view candidate : known) {
    if (candidate.size() > suggest_bytes_max) continue;
    const std::size_t longer = std::max(candidate.size(), name.size());
    if (longer - std::min(candidate.size(), name.size()) >= best_distance) continue;
    const std::size_t found = distance(name, candidate);
    if (found >= best_distance || found * 2 >= longer) continue;
    best = candidate;
    best_distance = found;
  }
  return best;
}

}  // namespace cpis::fhir
