#pragma once

#include "adapters/core/person.h"
#include "adapters/core/upload.h"
#include "gateway/register/register_rows.h"

namespace cpis::registry {

/// Compares what a council says about a person with what the index (standing for PDS) knows
/// (cpis.md 15.3): family name and birth date must agree; then the given names, first hit wins:
/// all of them, the first with the first, the first with any. Case, blanks and punctuation do not
/// count. `cpr06` when it is the same person, else the reason for refusing: cpr01 not in the index,
/// cpr02 sensitive, cpr05 superseded, cpr03 does not match.
RecordOutcome match_identity(const PlanSubject& subject,
                             const std::optional<IndexedPerson>& indexed);

}  // namespace cpis::registry
