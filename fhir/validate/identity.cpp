// Ids inside of one resource: each names one element, or one contained resource, and has no blanks.
#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

using Found = std::vector<const Element*>;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// What belongs to a resource ends where another resource begins.
void collect(const Element& element, std::size_t depth, std::unordered_set<std::string_view>& seen,
             Found& repeated, Found& blank) {
  if (depth > validate_depth_max) return;  // reported by the walk over the structure
  for (const Element& child : element.children()) {
    if (child.resource() || !child.has_children()) continue;
    const Element* const id = child.first("id");
    if (id != nullptr && id->has_value()) {
      if (!seen.insert(id->value()).second) repeated.push_back(&child);
      if (std::ranges::any_of(id->value(), is_blank)) blank.push_back(&child);
    }
    collect(child, depth + 1, seen, repeated, blank);
  }
}

}  // namespace

void Run::ids(const Element& resource) {
  std::unordered_set<std::string_view> seen;
  Found repeated;
  Found blank;
  collect(resource, 0, seen, repeated, blank);
  for (const Element* one : blank) {
    report(Severity::error, IssueCode::value, *one, "element-id",
           "the id of an element must not have blanks", "id");
  }
  seen.clear();
  for (const Element& one : resource.children("contained")) {
    const std::string_view id = one.value_of("id");
    if (!id.empty() && !seen.insert(id).second) repeated.push_back(&one);
  }
  for (const Element* one : repeated) {
    report(Severity::error, IssueCode::business_rule, *one, "duplicate-id",
           "another element of this resource has the same id", "id");
  }
}

void Run::profile_names(const Element& resource) {
  const Element* const meta = resource.first("meta");
  if (meta == nullptr) return;
  for (const Element& one : meta->children("profile")) {
    if (one.value().empty() || one.value().find(':') != std::string_view::npos) continue;
    report(Severity::error, IssueCode::value, one, "profile-absolute",
           "the canonical of a profile must be an absolute URI");
  }
}

}  // namespace cpis::fhir
