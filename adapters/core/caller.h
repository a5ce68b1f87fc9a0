#pragma once

#include <cstdint>
#include <string>

namespace cpis {

/// Planned care asks silently; unplanned care is recorded and told to the council (cpis.md 15.1).
enum class CareSetting : std::uint8_t { unscheduled, scheduled };

/// Who asks. A caller can always be named in a notice: an organisation with code and name, and
/// either a person with a job role or a system with the person nominated for it.
struct Caller {
  enum class Kind : std::uint8_t { person, system };

  Kind kind = Kind::person;
  std::string organisation_code;  ///< ODS
  std::string organisation_name;
  std::string role_code;  ///< SDS job role, for example R8000
  std::string role_name;
  std::string person_name;      ///< display form; for a system: the nominated person
  std::string user_id;          ///< SDS user id, or our own client's user name
  std::string role_profile_id;  ///< SDS role profile; empty when there is none
  std::string system_id;        ///< ASID, or our own client id
  CareSetting setting = CareSetting::unscheduled;

  friend bool operator==(const Caller&, const Caller&) = default;
};

/// Empty when the caller can be named in a notice; else the name of the first missing member.
/// No question is asked for a caller who cannot be named.
inline const char* missing_in(const Caller& caller) {
  if (caller.organisation_code.empty()) return "organisation_code";
  if (caller.organisation_name.empty()) return "organisation_name";
  if (caller.role_code.empty()) return "role_code";
  if (caller.role_name.empty()) return "role_name";
  if (caller.person_name.empty()) return "person_name";
  if (caller.kind == Caller::Kind::person && caller.user_id.empty()) return "user_id";
  if (caller.kind == Caller::Kind::system && caller.system_id.empty()) return "system_id";
  return "";
}

}  // namespace cpis
