#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/explain.h"
#include "adapters/spine/notices.h"

/// A notice that was read reads the same when written again; `explain` takes everything.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (explain(bytes).kind.empty()) std::abort();
  const auto access = read_access_notice(bytes);
  if (access.value) {
    const auto again = read_access_notice(write_access_notice(*access.value));
    if (!again.value || again.value->entries.size() != access.value->entries.size()) std::abort();
  }
  const auto inactive = read_inactive_notice(bytes);
  if (inactive.value) {
    const auto again = read_inactive_notice(write_inactive_notice(*inactive.value));
    if (!again.value || again.value->entries.size() != inactive.value->entries.size()) {
      std::abort();
    }
  }
  return 0;
}
