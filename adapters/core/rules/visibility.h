#pragma once

#include <optional>

#include "adapters/core/plan.h"
#include "adapters/core/time.h"

namespace cpis::rules {

/// How long a plan stays visible after it ended (cpis.md 15.2). Published statements differ by a
/// day or two, so each is a setting.
struct VisibilitySettings {
  int ended_days = 365;        ///< CPP and LAC
  int unborn_ended_days = 28;  ///< UCP, counted from its end, the expected date of delivery
  int adult_age = 18;          ///< a child's plans end on this birthday; 0 switches the rule off
};

/// Whether a clinician is shown this plan on `today`. `birth_date` is the child's; it is not used
/// for a UCP, whose subject is the mother. A plan without a known birth date stays visible: not
/// knowing an age hides nothing. Both limits are inclusive: day `ended_days` is the last shown.
bool is_visible(const Plan& plan, std::optional<Date> birth_date, Date today,
                const VisibilitySettings& settings);

/// Whether the plan is in force on `today` (started, not ended).
bool is_active(const Plan& plan, Date today);

}  // namespace cpis::rules
