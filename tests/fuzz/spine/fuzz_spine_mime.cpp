#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/mime.h"

/// What was cut can be written, and is cut the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  parse_media_type(bytes.substr(0, 200));
  const std::string boundary = guess_boundary(bytes);
  const auto read = read_mime("multipart/related; boundary=\"" + boundary + "\"", bytes);
  if (!read.value) {
    if (read.findings.empty()) std::abort();
    return 0;
  }
  std::vector<MimePart> parts = *read.value;
  for (MimePart& part : parts) part.content_id = part.content_type = "x/y";
  const std::string fresh = boundary_for(parts);
  const auto again =
      read_mime("multipart/related; boundary=\"" + fresh + "\"", write_mime(parts, fresh));
  if (!again.value || *again.value != parts) std::abort();
  return 0;
}
