#include "fhir/issues.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cpis::fhir {
namespace {

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7F; }

// Names of foreign elements stand in findings; control characters in them belong neither on a
// terminal nor into an OperationOutcome.
void make_printable(std::string& text) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (std::none_of(text.begin(), text.end(),
                   [](char c) { return is_control(static_cast<unsigned char>(c)); })) {
    return;
  }
  std::string printable;
  for (const char each : text) {
    const auto c = static_cast<unsigned char>(each);
    if (!is_control(c)) {
      printable += each;
      continue;
    }
    printable += "\\u00";
    printable += digits[c >> 4U];
    printable += digits[c & 0xFU];
  }
  text = std::move(printable);
}

}  // namespace

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
  make_printable(issue.path);
  make_printable(issue.diagnostics);
  list_.push_back(std::move(issue));
}

void Issues::clear() {
  list_.clear();
  errors_ = 0;
  dropped_ = 0;
}

}  // namespace cpis::fhir
