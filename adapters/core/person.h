#pragma once

#include <optional>
#include <string>

#include "adapters/core/nhs_number.h"
#include "adapters/core/time.h"

namespace cpis {

/// A registered name as CP-IS carries it: given names in one text, family name.
struct PersonName {
  std::string given;
  std::string family;

  friend bool operator==(const PersonName&, const PersonName&) = default;
};

/// Whom a plan is about, as a council states it. For an unborn child this is the mother, and
/// nothing about the child is held.
struct PlanSubject {
  NhsNumber nhs_number;
  std::string local_id;            ///< the council's own id; empty when not supplied
  std::string local_id_authority;  ///< `ODSCODE:NAME`; empty when not supplied
  PersonName name;
  std::optional<Date> birth_date;  ///< of the mother when `is_mother`
  bool is_mother = false;

  friend bool operator==(const PlanSubject&, const PlanSubject&) = default;
};

}  // namespace cpis
