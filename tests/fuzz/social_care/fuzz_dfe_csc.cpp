#include "profiles/social_care/mapping_profiles.h"
#include "tests/fuzz/social_care/set_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* profile = cpis::profiles::find_mapping_profile("dfe_csc");
  return cpis::fuzz::import_and_check("dfe_csc", profile->json, data, size);
}
