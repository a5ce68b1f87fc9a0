#include "adapters/core/rules/visibility.h"

namespace cpis::rules {

bool is_visible(const Plan& plan, std::optional<Date> birth_date, Date today,
                const VisibilitySettings& settings) {
  if (plan.deleted) return false;
  if (plan.type != PlanType::ucp && birth_date && settings.adult_age > 0 &&
      add_years(*birth_date, settings.adult_age) <= today) {
    return false;
  }
  if (!plan.end) return true;
  const int days = plan.type == PlanType::ucp ? settings.unborn_ended_days : settings.ended_days;
  return today <= add_days(plan.end->day, days);
}

bool is_active(const Plan& plan, Date today) {
  if (plan.deleted || plan.start.day > today) return false;
  // A UCP's end is the expected date of delivery: the plan is in force on that day too.
  if (!plan.end) return true;
  return plan.type == PlanType::ucp ? today <= plan.end->day : today < plan.end->day;
}

}  // namespace cpis::rules
