#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/spine/upload.h"

/// However the bytes arrive, in one piece or two, the records are the same; what can be sent reads
/// the same when written again. The first byte chooses the cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t cut = bytes.empty() ? 0 : data[0] * bytes.size() / 256;
  const auto whole = read_upload(bytes);
  std::size_t records = 0;
  UploadReader split{[&](UploadPart part) { records += part.records.size(); }};
  split.push(bytes.substr(0, cut));
  split.push(bytes.substr(cut));
  const auto head = split.finish();
  if (head.value.has_value() != whole.value.has_value()) std::abort();
  if (!whole.value) return 0;
  if (records != whole.value->records.size()) std::abort();
  std::string written;
  const auto status = write_upload(*whole.value, [&](std::string_view piece) -> cpis::Status {
    written += piece;
    return cpis::done;
  });
  if (!status) return 0;
  const auto again = read_upload(written);
  if (!again.value || again.value->records.size() != records) std::abort();
  return 0;
}
