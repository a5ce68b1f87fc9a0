#include "fhir/issues.h"

#include <array>
#include <utility>

namespace cpis::fhir {

std::string_view name_of(Severity severity) {
  constexpr std::array<std::string_view, 4> names{"fatal", "error", "warning", "information"};
  return names[static_cast<std::size_t>(severity)];
}

std::string_view name_of(IssueCode code) {
  constexpr std::array<std::string_view, 16> names{
      "invalid",       "structure",  "required",   "value",        "invariant", "not-supported",
      "duplicate",     "not-found",  "too-long",   "code-invalid", "extension", "too-costly",
      "business-rule", "processing", "incomplete", "informational"};
  static_assert(names.size() == static_cast<std::size_t>(IssueCode::informational) + 1);
  return names[static_cast<std::size_t>(code)];
}

void Issues::add(Issue issue) {
  if (issue.severity <= Severity::error) ++errors_;
  if (list_.size() >= limit_) {
    ++dropped_;
    return;
  }
  list_.push_back(std::move(issue));
}

void Issues::clear() {
  list_.clear();
  errors_ = 0;
  dropped_ = 0;
}

}  // namespace cpis::fhir
