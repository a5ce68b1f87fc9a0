#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/core/time.h"

namespace cpis::rules {

/// When an office is open, in England's clocks. Out of hours, what cannot wait goes to the
/// emergency duty team.
class OfficeHours {
 public:
  /// Always open.
  OfficeHours() = default;

  /// `hours`: ranges of days with one opening time each, separated by commas, for example
  /// `Mon-Thu 08:45-17:15, Fri 08:45-16:30`; `closed_days`: bank holidays as `2026-12-25`,
  /// separated by blanks or commas. Empty hours: always open, but for the closed days. Nothing when
  /// one of them cannot be read, or closes before it opens.
  static std::optional<OfficeHours> parse(std::string_view hours, std::string_view closed_days);

  bool open_at(Time time) const;

 private:
  struct Range {
    std::uint16_t opens = 0;  ///< minute of the day
    std::uint16_t closes = 0;
  };

  std::array<Range, 7> by_weekday_{};  // Sunday first; empty range: closed
  bool always_ = true;
  std::vector<Date> closed_;
};

}  // namespace cpis::rules
