#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/issues.h"

namespace cpis::fhir {

/// One exception from the standard severities. Empty conditions match everything.
struct PolicyRule {
  std::string rule;                  ///< id of a finding: `binding-required`, `pat-1`
  std::string profile;               ///< canonical of the profile that asks for it; without version
  std::string value_set;             ///< canonical of the value set of a binding; without version
  std::string path;                  ///< the finding's path begins with this, indexes left out
  std::optional<Severity> severity;  ///< none: not reported
};

/// What a finding is about, for the policy.
struct Subject {
  std::string_view rule;
  std::string_view profile;
  std::string_view value_set;
};

/// Local decisions about severities, in order; the first that matches counts. Data of the NHS needs
/// it: a required binding that most senders do not meet yet should not refuse a child's record.
class Policy {
 public:
  Policy() = default;
  explicit Policy(std::vector<PolicyRule> rules) : rules_{std::move(rules)} {}

  /// The severity to report, none for nothing. `path` is only asked for when a rule needs it.
  std::optional<Severity> apply(const Subject& subject, Severity standard,
                                std::string_view path) const;
  /// Findings that were made without the policy, those of a reader, as it wants them. Limits of the
  /// reader and text that could not be read stay as they are.
  Issues revise(const Issues& found) const;
  bool empty() const { return rules_.empty(); }

 private:
  std::vector<PolicyRule> rules_;
};

}  // namespace cpis::fhir
