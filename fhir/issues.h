#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cpis::fhir {

enum class Severity : std::uint8_t { fatal, error, warning, information };

/// The codes of http://hl7.org/fhir/issue-type that this library uses.
enum class IssueCode : std::uint8_t {
  invalid,
  structure,
  required,
  value,
  invariant,
  not_supported,
  duplicate,
  not_found,
  too_long,
  code_invalid,
  extension,
  too_costly,
  business_rule,
  processing,
  incomplete,
  informational,
};

/// The code as FHIR writes it: `fatal`, `code-invalid`.
std::string_view name_of(Severity severity);
std::string_view name_of(IssueCode code);

/// One finding about foreign data, with its address. `diagnostics` names elements, types, rules and
/// terminology, never a patient's data: it may be logged.
struct Issue {
  Severity severity = Severity::error;
  IssueCode code = IssueCode::invalid;
  std::string path;          ///< FHIRPath of the element: `Patient.name[0].given[1]`; may be empty
  std::uint32_t line = 0;    ///< from 1; 0 when the element was built, not read
  std::uint32_t column = 0;  ///< from 1, in bytes
  std::string rule;          ///< stable id: `json-duplicate-key`, `pat-1`, `slice-min`
  std::string diagnostics;
};

/// A bounded list. What does not fit is counted, so that a cut list is never taken for a whole one.
class Issues {
 public:
  static constexpr std::size_t default_limit = 1000;
  explicit Issues(std::size_t limit = default_limit) : limit_{limit} {}

  /// Control characters in path and diagnostics are kept as `\u000c`.
  void add(Issue issue);
  const std::vector<Issue>& list() const { return list_; }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  /// Findings beyond the limit.
  std::size_t dropped() const { return dropped_; }
  /// Fatal and error findings, also those beyond the limit.
  std::size_t errors() const { return errors_; }
  bool ok() const { return errors_ == 0; }
  void clear();

 private:
  std::vector<Issue> list_;
  std::size_t limit_;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace cpis::fhir
