#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/http/query_string.h"

/// A query that can be read can be written and is then read back as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using cpis::http::QueryString;
  const auto query = QueryString::parse({reinterpret_cast<const char*>(data), size});
  if (!query) return 0;
  const auto again = QueryString::parse(cpis::http::write_query(query->parameters()),
                                        {.bytes = 1U << 20U, .parameters = 1'000});
  if (!again || again->parameters() != query->parameters()) std::abort();
  return 0;
}
