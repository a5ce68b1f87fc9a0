#pragma once

#include <span>
#include <string_view>

namespace cpis::profiles {

/// A mapping profile for a council's export that ships with the product.
struct MappingProfile {
  std::string_view name;  ///< file name without `.json`, as in `--profile lcs`
  std::string_view json;
};

/// Sorted by name. The text is read by cpis::social_care::read_profile.
std::span<const MappingProfile> mapping_profiles();

/// nullptr when there is none of that name.
const MappingProfile* find_mapping_profile(std::string_view name);

}  // namespace cpis::profiles
