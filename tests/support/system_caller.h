#pragma once

#include "adapters/core/caller.h"

namespace cpis::test {

/// Who asks about arrivals: the system of an invented hospital.
inline Caller system_caller() {
  Caller caller;
  caller.kind = Caller::Kind::system;
  caller.organisation_code = "RXX01";
  caller.organisation_name = "Testshire Royal Infirmary";
  caller.role_code = "R0260";
  caller.role_name = "Lead";
  caller.person_name = "Sam Lead";
  caller.system_id = "200000000205";
  return caller;
}

}  // namespace cpis::test
