#include "adapters/core/rules/access_history.h"

#include <algorithm>
#include <utility>

namespace cpis::rules {

bool same_author(const Caller& a, const Caller& b) {
  if (a.kind != b.kind || a.organisation_code != b.organisation_code) return false;
  return a.kind == Caller::Kind::person
             ? a.user_id == b.user_id
             : a.system_id == b.system_id && a.person_name == b.person_name;
}

std::vector<AccessEvent> listed(std::vector<AccessEvent> all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const AccessEvent& a, const AccessEvent& b) { return a.at < b.at; });
  std::vector<AccessEvent> kept;
  for (AccessEvent& access : all) {
    // Kept looks are in order of time, so only those of the last 24 hours can hide this one.
    const bool repeated = std::any_of(kept.rbegin(), kept.rend(), [&](const AccessEvent& first) {
      return access.at - first.at < same_author_window && same_author(access.by, first.by);
    });
    if (!repeated) kept.push_back(std::move(access));
  }
  if (kept.size() > accesses_listed_max) {
    kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(accesses_listed_max));
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

}  // namespace cpis::rules
