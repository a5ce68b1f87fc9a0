#pragma once

#include <span>
#include <string_view>

namespace cpis::profiles {

/// One document of v2-to-FHIR tables that ships with the product.
struct V2Table {
  std::string_view name;  ///< file name without `.json`
  std::string_view json;
};

/// In the order in which cpis::fhir_r4::v2::Tables::add takes them: the guide's maps, then the
/// UK's. A feed's own document of the same form may follow.
std::span<const V2Table> v2_tables();

}  // namespace cpis::profiles
