#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>

#include "adapters/core/plan.h"
#include "adapters/core/time.h"
#include "adapters/social_care/canonical.h"

namespace cpis::social_care {

/// What a record is called between the council, its memory and CP-IS (socialcare.md 6). One council
/// is implied.
struct RecordKey {
  std::string person_key;
  PlanType type = PlanType::cpp;
  Date start{};

  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

inline RecordKey key_of(const CanonicalRecord& record) {
  return {record.person_key, record.type, record.start};
}

struct RecordKeyHash {
  std::size_t operator()(const RecordKey& key) const {
    const auto day = static_cast<std::size_t>(static_cast<int>(key.start.year())) * 512 +
                     static_cast<unsigned>(key.start.month()) * 32U +
                     static_cast<unsigned>(key.start.day());
    return std::hash<std::string>{}(key.person_key) ^
           ((day * 4 + static_cast<std::size_t>(key.type)) * 0x9E3779B97F4A7C15U);
  }
};

}  // namespace cpis::social_care
