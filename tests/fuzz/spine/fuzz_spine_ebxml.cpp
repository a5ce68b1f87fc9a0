#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/ebxml.h"
#include "adapters/spine/exchange.h"
#include "adapters/spine/reply.h"

/// A header that was read can be written and reads the same; a reply is judged without trouble.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (const Pattern pattern : {Pattern::sync, Pattern::express, Pattern::reliable}) {
    read_reply(pattern, 200, "", bytes);
    read_reply(pattern, 500, "text/xml", bytes);
  }
  const auto read = read_ebxml("", bytes);
  if (!read.value) {
    if (read.findings.empty()) std::abort();
    return 0;
  }
  if (read.value->kind != EbxmlKind::message) return 0;
  const HttpContent written = write_ebxml(read.value->header, "<x/>");
  const auto again = read_ebxml(written.content_type, written.body);
  if (!again.value || again.value->header.message_id != read.value->header.message_id ||
      again.value->header.action != read.value->header.action) {
    std::abort();
  }
  return 0;
}
