#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/smsp.h"

/// An ITK query that was read can be written and reads the same; what is refused says why.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto read = read_smsp_query(bytes);
  if (!read.value) {
    if (read.findings.empty()) std::abort();
    return 0;
  }
  const auto written =
      write_smsp_query(read.value->head, read.value->event, ScheduledMarker::first_child);
  if (!written) return 0;
  const auto again = read_smsp_query(*written);
  if (!again.value || again.value->event.person != read.value->event.person) std::abort();
  return 0;
}
