#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/council.h"
#include "adapters/core/result.h"
#include "adapters/social_care/day.h"
#include "adapters/social_care/legal_status.h"

namespace cpis::social_care {

/// How a system marks a child that is not born yet (socialcare.md 1.6).
enum class UnbornRule : std::uint8_t {
  expected_present,  ///< an expected date and no birth date (LCS, CIN)
  future_birth,      ///< a birth date later than today is the expected date (Mosaic)
  due_date,          ///< a due date that may be repeated as the birth date (Eclipse)
};

/// A row is left out when `column` holds one of `values` (ASCII case does not matter).
struct SkipRule {
  std::string column;
  std::vector<std::string> values;
};

/// Names of columns. Empty: the source has none.
struct PersonColumns {
  std::string key, surname, given, birth, expected, death, sex;
  std::vector<std::string> nhs;  ///< the first that is not missing counts
  SkipRule skip;
};
struct PlanColumns {
  std::string key, person, start, end;
  SkipRule skip;
};
struct StatusColumns {
  std::string key, person, code, start, end;
};
struct MotherColumns {
  std::string parent, child, ended;
};
struct IdentifierColumns {
  std::string person, type, value, wanted_type;
};

/// How one site's export is read: what differs between systems and sites is here and not in code
/// (socialcare.md 13.2).
struct Profile {
  std::string name;
  int version = 0;
  std::string evidence;  ///< where the column names come from, for the operator

  std::string kind;  ///< which reader, see vendors.h
  bool allow_windows1252 = false;
  char delimiter = ',';
  std::map<std::string, std::string> tables;  ///< role -> file name pattern with *

  std::vector<std::string> nulls;  ///< folded; blank is always null
  std::vector<Day> null_dates;     ///< dates that mean "none"
  DateForms dates;
  bool nhs_point_zero = false;  ///< accept 9434765919.0

  PersonColumns person;
  PlanColumns cpp;
  StatusColumns status;
  MotherColumns mother;
  IdentifierColumns identifiers;

  UnbornRule unborn = UnbornRule::expected_present;
  int grace_days = 42;  ///< an expected date may be this long past without a question
  LegalScope scope;
  LegalLabels labels;
  int merge_gap_days = 1;
  bool hold_marked_names = true;
  std::size_t local_id_max = 48;

  std::string la_dfe;  ///< three digits of the DfE
  Council council;     ///< la.ods, la.name and the two telephone numbers

  int max_open_drop_percent = 5;
  int max_open_rise_percent = 50;
  int max_ends = 50;
  int max_deletes = 0;
};

/// Reads a profile. Refused with line and reason: text that is not JSON, an unknown key, a missing
/// key, a value of the wrong kind, a scope code that is not one of the thirteen, a date form with a
/// two-digit year, a repeated key.
Result<Profile> read_profile(std::string_view json);

/// Puts the site's own authority into a profile that ships with SET-BY-SITE.
void set_authority(Profile& profile, std::string_view dfe, const Council& council);

/// True when `text` is null for this profile.
bool is_null(const Profile& profile, std::string_view text);

}  // namespace cpis::social_care
