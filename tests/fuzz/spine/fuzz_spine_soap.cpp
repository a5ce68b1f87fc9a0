#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/soap.h"
#include "adapters/spine/spine_checks.h"

/// A fault that was read can be written and reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const auto read = read_soap({reinterpret_cast<const char*>(data), size});
  if (!read.value) {
    if (read.findings.empty()) std::abort();
    return 0;
  }
  check_soap(read.value->document.root());
  check_ebxml(read.value->document.root(), Pattern::reliable);
  if (!read.value->fault) return 0;
  const auto again = read_soap(write_fault(*read.value->fault));
  if (!again.value || again.value->fault != read.value->fault) std::abort();
  return 0;
}
