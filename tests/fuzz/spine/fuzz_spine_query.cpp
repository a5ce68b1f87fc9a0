#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/query.h"
#include "adapters/spine/smsp.h"

/// A query that was read and can be sent reads the same when written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  read_smsp_query(bytes);
  const auto read = read_query(bytes);
  if (!read.value) {
    if (read.findings.empty()) std::abort();
    return 0;
  }
  const auto written = write_query(*read.value, ScheduledMarker::first_child);
  if (!written) return 0;
  const auto again = read_query(*written);
  if (!again.value || again.value->event.person != read.value->event.person ||
      again.value->event.by.setting != read.value->event.by.setting) {
    std::abort();
  }
  return 0;
}
