#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/core/nhs_number.h"

namespace cpis::social_care {

enum class NhsState : std::uint8_t { missing, malformed, present };

struct NhsValue {
  NhsState state = NhsState::missing;
  std::optional<NhsNumber> number;  ///< when present
};

/// Reads a value of an NHS number column (socialcare.md 7.2). Blanks, hyphens and no-break spaces
/// are taken out; the words that systems write for "none" and ten zeros are missing. Nothing else
/// is repaired: a number in exponent form is malformed, `9434765919.0` too unless
/// `allow_point_zero`.
NhsValue read_nhs_value(std::string_view text, bool allow_point_zero);

/// Why there is no number (socialcare.md 7.1), in the order of `no_number_reasons()`.
enum class NoNumberReason : std::uint8_t {
  none_given,
  asylum_not_registered,
  sensitive,
  newborn_awaited,
  adoption_new_number_awaited,
  mother_unknown,
  trace_no_match,
  trace_multiple,
  other,
};

/// The code as exports write it; empty for none_given.
std::string_view code_of(NoNumberReason reason);
/// Nothing when the code is not one of ours. Blank text is none_given.
std::optional<NoNumberReason> read_no_number_reason(std::string_view text);

}  // namespace cpis::social_care
