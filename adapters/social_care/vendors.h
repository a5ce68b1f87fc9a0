#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "adapters/core/time.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/extract.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care {

enum class Maturity : std::uint8_t {
  wip,     ///< not for use
  pilot,   ///< built from public sources, to be confirmed at a site
  stable,  ///< our own format, or confirmed
};

/// What may be in the files: every reader here must stand any bytes.
enum class Posture : std::uint8_t { trusted_file, untrusted_file };

/// One format of an export. A new one is a folder, its lines in CMakeLists.txt and a row in
/// vendors.cpp.
struct Vendor {
  std::string_view name;   ///< also its folder and its folder of golden cases
  std::string_view kind;   ///< `input.kind` of the profiles that use it
  std::string_view title;  ///< for people
  void (*read_rows)(Extract& extract, ExportSet& files, Day today);
  Maturity maturity;
  Posture posture;
};

/// Sorted by name.
std::span<const Vendor> vendors();
const Vendor* find_vendor(std::string_view name);
/// The reader for a profile; nullptr when its `input.kind` is not known.
const Vendor* vendor_of(const Profile& profile);

/// Reads one export: every canonical record and every finding goes to `sink`. When the set is
/// refused no record is given. Bounded memory: the rows that CP-IS needs, not the files.
Counts read_export(const Vendor& vendor, const Profile& profile, ExportSet& files, Date today,
                   Sink& sink);

}  // namespace cpis::social_care
