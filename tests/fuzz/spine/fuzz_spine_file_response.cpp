#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/file_response.h"

/// A response that was read can be written, and says the same codes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  last_ordinal(bytes.substr(0, 500));
  const auto read = read_file_response(bytes);
  if (!read.value) {
    if (read.findings.empty()) std::abort();
    return 0;
  }
  const auto again = read_file_response(write_file_response(*read.value));
  if (!again.value || again.value->details.size() != read.value->details.size() ||
      again.value->file_codes != read.value->file_codes) {
    std::abort();
  }
  return 0;
}
