#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/core/time.h"

namespace cpis {

/// The three kinds of plan that CP-IS holds (DMS 1.0, CP-ISObservationType).
enum class PlanType : std::uint8_t {
  cpp,  ///< child protection plan
  lac,  ///< looked after child
  ucp,  ///< unborn child protection plan, held against the mother's NHS number
};

struct PlanTypeWords {
  PlanType type;
  std::string_view code;     ///< how exports and people write it
  std::string_view snomed;   ///< ValueSet England-ChildProtectionPlan 1.0.0
  std::string_view display;  ///< display of that concept
};

inline constexpr std::array plan_type_words{
    PlanTypeWords{PlanType::cpp, "CPP", "342191000000101", "Subject to child protection plan"},
    PlanTypeWords{PlanType::lac, "LAC", "764841000000100", "Looked after child"},
    PlanTypeWords{PlanType::ucp, "UCP", "818901000000100",
                  "Unborn child subject to child protection plan"},
};
static_assert(plan_type_words[static_cast<std::size_t>(PlanType::lac)].type == PlanType::lac);
static_assert(plan_type_words[static_cast<std::size_t>(PlanType::ucp)].type == PlanType::ucp);

constexpr const PlanTypeWords& words_of(PlanType type) {
  return plan_type_words[static_cast<std::size_t>(type)];
}

/// A plan date as it is sent: a day, and the minute of that day (England's clocks), 0 when the
/// source knows the day only. CP-IS carries twelve digits without a zone (cpis.md 4).
struct PlanDate {
  Date day{};
  std::uint16_t minute = 0;  ///< 0..1439

  friend auto operator<=>(const PlanDate&, const PlanDate&) = default;
};

/// One plan of one person. For a UCP the end is the expected date of delivery and always present
/// on the wire.
struct Plan {
  PlanType type = PlanType::cpp;
  PlanDate start;
  std::optional<PlanDate> end;
  std::optional<PlanDate> deleted;  ///< uploads only: entered in error

  friend bool operator==(const Plan&, const Plan&) = default;
};

}  // namespace cpis
