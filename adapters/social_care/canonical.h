#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/core/person.h"
#include "adapters/core/plan.h"
#include "adapters/social_care/nhs_value.h"
#include "adapters/social_care/rules.h"

namespace cpis::social_care {

enum class RecordState : std::uint8_t {
  ready,    ///< may be sent
  queried,  ///< may be sent, and somebody is asked
  held,     ///< must not be sent until it is corrected
  skipped,  ///< rightly not sent
};
std::string_view name_of(RecordState state);

/// A row of a file of the set.
struct SourceRow {
  std::string file;
  std::size_t line = 0;

  friend bool operator==(const SourceRow&, const SourceRow&) = default;
};

/// One plan of one person as the council's system states it (socialcare.md 6). Its identity is
/// the person's key, the type and the start.
struct CanonicalRecord {
  /// Local id of whom the plan is registered under: the child, or the mother of an unborn child.
  /// For an unborn child whose mother is not known it is the unborn child's own id.
  std::string person_key;
  PlanType type = PlanType::cpp;
  Date start{};  ///< not `ok()` when the source has none (then held, C01)
  /// For an unborn child without an ended plan: the expected date of birth.
  std::optional<Date> end;
  std::optional<Date> deleted;
  bool open = true;  ///< the plan itself has no end yet

  /// Whom CP-IS is told about; nothing while there is no usable NHS number.
  std::optional<PlanSubject> subject;

  std::vector<std::string> plan_keys;    ///< of the source plans that make up this record
  std::vector<std::string> unborn_keys;  ///< local ids of the unborn children (UCP)
  std::vector<SourceRow> rows;
  RecordState state = RecordState::ready;
  RuleSet rules;
  NoNumberReason no_number = NoNumberReason::none_given;
  bool adopted = false;  ///< ended by adoption: never carried over to another number
};

/// True for a delete that lacks nothing but two people's approval (D03).
bool waits_for_approval_only(const CanonicalRecord& record);

/// Where an import puts what it found. Findings carry no personal data.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void take(CanonicalRecord&& record) = 0;
  virtual void take(Finding&& finding) = 0;
};

/// What an import amounts to; all of it may be logged.
struct Counts {
  bool refused = false;  ///< nothing was used; a fatal finding says why
  std::size_t rows = 0;
  std::size_t people = 0;
  std::size_t records = 0;
  std::array<std::size_t, 4> by_state{};          ///< by RecordState
  std::array<std::size_t, 3> open_by_type{};      ///< by PlanType; sendable or held, not skipped
  std::array<std::size_t, rule_count> by_rule{};  ///< rows, people or records that tripped it
  /// Legal status labels that nobody has mapped, with their number; at most `labels_kept_max`.
  /// For the council's work list only: a mis-mapped column could put anything here.
  std::map<std::string, std::size_t> unknown_labels;

  std::size_t in(RecordState state) const { return by_state[static_cast<std::size_t>(state)]; }
  std::size_t of(Rule rule) const { return by_rule[static_cast<std::size_t>(rule)]; }
};
inline constexpr std::size_t labels_kept_max = 1000;

/// Keeps everything, in the order it came.
class CollectingSink final : public Sink {
 public:
  void take(CanonicalRecord&& record) override { records.push_back(std::move(record)); }
  void take(Finding&& finding) override { findings.push_back(std::move(finding)); }

  std::vector<CanonicalRecord> records;
  Findings findings;
};

}  // namespace cpis::social_care
