#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/social_care/profile.h"

/// A profile is read or refused with a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto profile = cpis::social_care::read_profile({reinterpret_cast<const char*>(data), size});
  if (!profile && profile.error().message.empty()) std::abort();
  return 0;
}
