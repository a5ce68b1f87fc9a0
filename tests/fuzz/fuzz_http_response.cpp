#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/response_parser.h"

namespace {

using cpis::http::ResponseParser;

/// What came out, as text that can be compared.
std::string read_in(const std::vector<std::string_view>& parts, bool head_only) {
  ResponseParser parser{{.header_bytes = 300, .body_bytes = 100}, head_only};
  auto state = ResponseParser::State::need_more;
  for (const std::string_view part : parts) {
    if (state == ResponseParser::State::need_more) state = parser.feed(part);
  }
  if (state == ResponseParser::State::need_more) state = parser.finish();
  if (state != ResponseParser::State::complete) return "refused";
  const cpis::http::Response response = parser.take();
  std::string text = std::to_string(response.status);
  for (const auto& [name, value] : response.headers) text += '\n' + name + ':' + value;
  return text + "\n\n" + response.body;
}

}  // namespace

/// However the bytes arrive, in one piece or two, the answer must be the same. The first byte of
/// the input chooses the cut and whether the request was HEAD.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t cut = bytes.empty() ? 0 : (data[0] >> 1U) % bytes.size();
  const bool head_only = (data[0] & 1U) != 0;
  const std::string whole = read_in({bytes}, head_only);
  if (whole != read_in({bytes.substr(0, cut), bytes.substr(cut)}, head_only)) std::abort();
  return 0;
}
