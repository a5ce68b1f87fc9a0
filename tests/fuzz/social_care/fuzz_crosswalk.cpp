#include "profiles/social_care/mapping_profiles.h"
#include "tests/fuzz/social_care/set_input.h"

// A good return of three children beside the crosswalk that is tried.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string input =
      "=== episodes.csv\n"
      "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\n"
      "101,01/02/2026,S,C2,N1,U1,PR1,,\n102,01/03/2026,S,V2,N1,U1,PR1,,\n"
      "103,01/04/2026,S,C1,N1,U1,PR1,01/05/2026,E11\n"
      "=== crosswalk.csv\n";
  input.append(reinterpret_cast<const char*>(data), size);
  const auto* profile = cpis::profiles::find_mapping_profile("ssda903");
  return cpis::fuzz::import_and_check(
      "ssda903", profile->json, reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}
