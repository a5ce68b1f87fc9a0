#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/social_care/extract.h"
#include "adapters/social_care/intervals.h"

namespace cpis::social_care {

/// An ended plan is sent for as long as CP-IS shows it (365 days, an unborn child's 28 days) and a
/// month more, so that a late end still arrives.
inline constexpr Day ended_plan_days_max = 365 + 31;
inline constexpr Day ended_unborn_days_max = 28 + 31;
/// A plan cannot start longer before the birth than a pregnancy lasts, and an expected date that
/// is further in the past is no expected date.
inline constexpr Day pregnancy_days_max = 300;
/// A person with more plans or statuses than this is held: the 903 return allows 366 episodes.
inline constexpr std::size_t rows_of_one_person_max = 1000;

/// Whether a person is born, as far as the source lets us say.
struct Birth {
  enum class State : std::uint8_t { born, unborn, unclear };
  State state = State::unclear;
  Day day = no_day;  ///< birth date, or the expected date
  RuleSet rules;     ///< of a person whose state is unclear, or P07 as a question
};
Birth birth_of(const PersonFacts& facts, const Profile& profile, Day today);

/// The one mother of an unborn child, or the rules that say why there is none.
struct MotherFound {
  std::optional<PersonId> mother;
  RuleSet rules;
};

/// The work of `assemble`, in steps. Internal.
class Assembly {
 public:
  Assembly(Extract& extract, Day today) : extract_{extract}, today_{today} {}

  void run();

 private:
  struct Unborn {
    PersonId mother = 0;
    bool mother_known = false;
    Day end = no_day;
    CanonicalRecord record;
    RowRef at;
  };

  void check_people();
  void check_names(PersonEntry& person);
  void share_numbers();
  void sort_rows();
  MotherFound mother_of(PersonId child) const;

  void plans_of(PersonId person, std::span<const PlanEntry> plans);
  void plan_record(PersonId person, const PlanEntry& plan, RuleSet rules);
  void unborn_record(PersonId child, const PlanEntry& plan, Day start, Day end, bool open,
                     RuleSet rules);
  void born_record(PersonId person, const PlanEntry& plan, PlanType type, Day start, RuleSet rules);
  void merge_unborn();
  static void add_twin(Unborn& first, const Unborn& twin);

  void statuses_of(PersonId person, std::span<const StatusEntry> statuses);
  void lac_record(PersonId person, const Interval& interval, RuleSet rules);
  RuleSet doubts_of(PersonId person, const Interval& interval,
                    const std::vector<StatusEntry>& unknown);

  CanonicalRecord record_of(PersonId person, PlanType type, Day start, RowRef at) const;
  void add_subject(CanonicalRecord& record, PersonId person, bool is_mother);
  RuleSet person_rules(PersonId person);
  void report_person(PersonId person);
  void judge(CanonicalRecord& record, PersonId person, RowRef at);
  void finish(CanonicalRecord&& record, RowRef at);
  SourceRow row(RowRef at) const { return {extract_.file_name(at), at.line}; }

  Extract& extract_;
  const Day today_;
  std::vector<Birth> births_;
  std::vector<bool> reported_;
  std::vector<Unborn> unborn_;
};

}  // namespace cpis::social_care
