#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/time.h"
#include "adapters/social_care/source.h"

namespace cpis::usecases {

/// Watches the bytes of an export while a reader takes them, to know a repeat.
class ExtractDigest {
 public:
  /// The same files, watched. `files` and this object must outlive what it gives.
  social_care::ExportSet watch(social_care::ExportSet& files);

  /// Over the bytes of what was read. Neither names nor the order of the files matter: a repeat
  /// under another name is a repeat.
  std::string text() const;

 private:
  struct Seen {
    std::uint64_t bytes = 0;
    std::uint64_t hash = 0xCBF29CE484222325U;  ///< FNV-1a
  };
  class Watched;

  std::vector<Seen> seen_;
};

/// The newest day in the file names (`20260105` or `2026-01-05`), which is when the source made
/// them; nothing when no name has one.
std::optional<Date> made_day(const social_care::ExportSet& files);
/// The day in one name, or nothing.
std::optional<Date> day_in_name(std::string_view name);

}  // namespace cpis::usecases
