#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/adapters/spine/same_tree.h"

/// What the plain reader takes, libxml2 takes too, and both give the same tree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const cpis::spine::XmlLimits limits;
  const auto plain = cpis::spine::detail::read_plain_xml(bytes, limits);
  if (!plain) return 0;
  cpis::Findings findings;
  const auto library = cpis::spine::detail::parse_by_library(bytes, findings, limits);
  if (!library || !cpis::test::same_tree(*plain, 0, library->root())) std::abort();
  return 0;
}
