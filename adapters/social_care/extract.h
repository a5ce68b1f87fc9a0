#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/plan.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/day.h"
#include "adapters/social_care/legal_status.h"
#include "adapters/social_care/nhs_value.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/rules.h"

namespace cpis::social_care {

using PersonId = std::uint32_t;

/// A row as 8 bytes: millions of them are kept while an import runs.
struct RowRef {
  std::uint16_t file = 0;
  std::uint32_t line = 0;
};

/// What one row says about a person.
struct PersonFacts {
  std::string given;
  std::string family;
  Day birth = no_day;
  Day expected = no_day;
  Day death = no_day;
  bool male = false;
  NhsValue nhs;
  NoNumberReason no_number = NoNumberReason::none_given;
};

struct PersonEntry {
  std::string key;
  PersonFacts facts;
  RowRef at;
  RuleSet rules;
  bool described = false;        ///< a row of its own was read
  bool key_is_borrowed = false;  ///< a mother without a local id: the key is ours, never sent
  bool status_doubt = false;     ///< a status row of this person could not be used
};

struct PlanEntry {
  PersonId person = 0;
  Day start = no_day;
  Day end = no_day;
  Day deleted = no_day;
  RowRef at;
  RuleSet rules;
  std::optional<PlanType> declared;  ///< when the source says what it is
  bool adopted = false;
  std::string key;
};

inline constexpr Day open_day = std::numeric_limits<Day>::max();

struct StatusEntry {
  PersonId person = 0;
  Day start = no_day;
  Day end = open_day;
  RowRef at;
  LegalStatus status = LegalStatus::unknown;
  bool continues = false;  ///< the source says that another episode follows at once (REC X1)
  bool adopted = false;
};

struct MotherEntry {
  PersonId child = 0;
  PersonId mother = 0;
};

/// The rows of one export in one shape, whatever the format: a vendor's reader fills it, `assemble`
/// turns it into canonical records. Only what CP-IS needs is kept; the files' bytes are not.
class Extract {
 public:
  Extract(const Profile& profile, Sink& sink) : profile_{profile}, sink_{sink} {}

  std::uint16_t add_file(std::string_view name);
  const std::string& file_name(RowRef at) const { return files_[at.file]; }

  /// The person with this local id, made when new.
  PersonId person(std::string_view key);
  /// Frees what only `person` needs, when all rows are read.
  void forget_keys() { by_key_ = {}; }

  /// What a row says about a person. A second row must agree with the first: another birth date or
  /// name is P01, another NHS number P04. Facts that are missing are filled in.
  void describe(PersonId person, PersonFacts facts, RowRef at);

  /// The status of a row when the row matters: in scope, or unreadable (reported as L01). A status
  /// out of scope is counted and gives nothing.
  std::optional<LegalStatus> status_in_scope(std::string_view label, RowRef at,
                                             std::string_view field);

  /// Keeps a status row, or, when its dates cannot be used, the doubt: then the end of the person's
  /// other statuses is not known either. `wrong`: a date that could not be read was reported.
  void add_status(const StatusEntry& entry, bool wrong);

  void count(Rule rule) { ++counts.by_rule[static_cast<std::size_t>(rule)]; }
  void report(Rule rule, RowRef at, std::string_view field, std::string_view detail = {});
  /// The rule as a remark: what it is about is used all the same.
  void warn(Rule rule, RowRef at, std::string_view detail);
  /// Refuses the whole set; the first reason is the one that is told.
  void refuse(Rule rule, std::string_view file, std::size_t line, std::string_view field,
              std::string_view detail);
  bool refused() const { return counts.refused; }

  const Profile& profile() const { return profile_; }
  Sink& sink() { return sink_; }

  std::deque<PersonEntry> people;  ///< grows without a copy
  std::vector<PlanEntry> plans;
  std::deque<StatusEntry> statuses;  ///< freed from the front as records are made of it
  std::vector<MotherEntry> mothers;
  Counts counts;

 private:
  /// Where in `by_key_` the person of this key stands, or would.
  std::size_t slot_of(std::string_view key) const;
  void widen_keys();

  const Profile& profile_;
  Sink& sink_;
  std::vector<std::string> files_;
  /// People by the hash of their key, 1 more than the id, 0: free. At most half full. Four bytes a
  /// person, where a map of strings would take more than the person itself.
  std::vector<PersonId> by_key_;
};

/// The name as it is sent, blanks collapsed.
std::string read_name(std::string_view text);

}  // namespace cpis::social_care
