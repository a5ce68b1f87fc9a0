#pragma once

#include <string>
#include <variant>
#include <vector>

#include "adapters/core/access.h"
#include "adapters/core/council.h"
#include "adapters/core/nhs_number.h"
#include "adapters/core/person.h"
#include "adapters/core/plan.h"
#include "adapters/core/result.h"

namespace cpis {

/// One plan as it is held nationally: who is responsible, and whom it is about.
struct HeldPlan {
  Plan plan;
  Council council;
  PlanSubject subject;
  Time recorded{};  ///< when the holder last took it in; epoch when the source does not say
  std::string id;   ///< opaque and stable, says nothing about the person; empty: derive one

  friend bool operator==(const HeldPlan&, const HeldPlan&) = default;
};

/// Everything held about one person: plans still visible, and earlier looks.
struct ProtectionRecord {
  NhsNumber person;
  std::vector<HeldPlan> plans;
  std::vector<AccessEvent> accesses;  ///< most recent first, at most `accesses_listed_max`
  /// Something that is held could not be read: show what is here, and say that there is more.
  bool incomplete = false;

  friend bool operator==(const ProtectionRecord&, const ProtectionRecord&) = default;
};

/// The definite answer "no record is held". Says nothing about whether the child is safe.
struct NoneHeld {
  NhsNumber person;
  friend bool operator==(const NoneHeld&, const NoneHeld&) = default;
};

/// The question got no answer. Nothing is known about the person.
struct CouldNotAsk {
  Error why;
  bool may_have_been_received = false;  ///< true: it must not be asked again by itself
};

/// The three shapes of an answer. They cannot be confused: there is no empty record that could
/// stand for either of the other two.
using ProtectionAnswer = std::variant<ProtectionRecord, NoneHeld, CouldNotAsk>;

}  // namespace cpis
