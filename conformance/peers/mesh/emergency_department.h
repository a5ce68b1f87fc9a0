#pragma once

#include "adapters/core/caller.h"

namespace cpis::peers {

/// The clinician in whose name the simulated emergency department looks.
inline Caller emergency_department() {
  Caller caller;
  caller.kind = Caller::Kind::person;
  caller.user_id = "200000000001";
  caller.role_code = "R0260";
  caller.role_name = "General Medical Practitioner";
  caller.person_name = "Pat Clinician";
  caller.organisation_code = "RX1";
  caller.organisation_name = "TEST NHS TRUST";
  return caller;
}

}  // namespace cpis::peers
