#include "profiles/social_care/mapping_profiles.h"
#include "tests/fuzz/social_care/set_input.h"
#include "tests/support/zip_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* profile = cpis::profiles::find_mapping_profile("annex_a");
  return cpis::fuzz::import_and_check("annex_a", profile->json, data, size,
                                      cpis::test::zip_of_text);
}
