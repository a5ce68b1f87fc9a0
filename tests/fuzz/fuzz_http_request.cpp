#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/gateway/http/request_outcome.h"

/// However the bytes arrive, in one piece or two, the parser must give the same requests and the
/// same verdict. The first byte of the input chooses the cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t cut = bytes.empty() ? 0 : data[0] % bytes.size();
  const cpis::http::RequestLimits limits{.request_line_bytes = 200,
                                         .header_line_bytes = 200,
                                         .header_bytes = 400,
                                         .header_count = 8,
                                         .body_bytes = 100,
                                         .chunk_line_bytes = 20};
  const auto whole = cpis::test::read_requests({bytes}, limits);
  const auto in_two = cpis::test::read_requests({bytes.substr(0, cut), bytes.substr(cut)}, limits);
  if (whole != in_two) std::abort();
  return 0;
}
