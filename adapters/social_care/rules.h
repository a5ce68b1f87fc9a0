#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"

namespace cpis::social_care {

/// Every reason for which something of an export is not sent, or is sent with a question.
enum class Rule : std::uint8_t {
  f01,
  f02,
  f03,
  f04,
  p01,
  p02,
  p03,
  p04,
  p05,
  p06,
  p07,
  p08,
  p09,
  p10,
  p11,
  c01,
  c02,
  c03,
  c04,
  c05,
  l01,
  l02,
  l03,
  u01,
  u02,
  u03,
  u04,
  d01,
  d02,
  d03,
  t01,
};
inline constexpr std::size_t rule_count = 31;

enum class RuleOutcome : std::uint8_t {
  file_refused,  ///< nothing of the set is used
  file_held,     ///< read, but a person has to release it
  held,          ///< this person or record waits for a correction
  skipped,       ///< rightly not sent; counted
  query,         ///< sent, and somebody is asked
  warning,       ///< sent; worth a look
};

struct RuleWords {
  Rule rule;
  std::string_view id;
  RuleOutcome outcome;
  std::string_view text;
  std::string_view remedy;
};

/// In the order of Rule. Ids are stable: reports and work lists carry them.
const std::array<RuleWords, rule_count>& rule_table();
const RuleWords& words_of(Rule rule);
std::string_view name_of(RuleOutcome outcome);

/// The rules that a person or a record has tripped.
class RuleSet {
 public:
  void add(Rule rule) { bits_ |= bit(rule); }
  void add(RuleSet other) { bits_ |= other.bits_; }
  void remove(Rule rule) { bits_ &= ~bit(rule); }
  bool has(Rule rule) const { return (bits_ & bit(rule)) != 0; }
  bool empty() const { return bits_ == 0; }
  bool any(RuleOutcome outcome) const;
  std::vector<Rule> list() const;

  friend bool operator==(const RuleSet&, const RuleSet&) = default;

 private:
  static std::uint64_t bit(Rule rule) { return std::uint64_t{1} << static_cast<unsigned>(rule); }
  std::uint64_t bits_ = 0;
};

/// A finding with the rule's own text and severity. `detail` is added after it and must not hold
/// personal data.
Finding finding_of(Rule rule, std::string_view source, std::size_t line, std::string_view field,
                   std::string_view detail = {});

}  // namespace cpis::social_care
