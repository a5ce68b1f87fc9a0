#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/websocket.h"

/// The same bytes mean the same whether they come at once or one by one; messages keep the limit,
/// control frames theirs, and after a failure nothing more is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::http;
  constexpr std::size_t limit = 512;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  std::vector<WebsocketMessage> whole, pieces;
  WebsocketReader at_once{limit}, one_by_one{limit};
  const bool good = at_once.feed(bytes, whole);
  for (const char& byte : bytes) one_by_one.feed({&byte, 1}, pieces);
  if (good != (at_once.failure() == 0)) std::abort();
  if (at_once.failure() != one_by_one.failure() || whole.size() != pieces.size()) std::abort();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].opcode != pieces[i].opcode || whole[i].payload != pieces[i].payload) std::abort();
    if (whole[i].payload.size() > limit) std::abort();
    const bool control = static_cast<unsigned>(whole[i].opcode) >= 8;
    if (control && whole[i].payload.size() > 125) std::abort();
    if (whole[i].opcode == WebsocketOpcode::continuation) std::abort();
  }
  const std::size_t before = whole.size();
  if (!good && (at_once.feed(bytes, whole) || whole.size() != before)) std::abort();
  const std::string accept = websocket_accept(bytes);
  if (!accept.empty() && accept.size() != 28) std::abort();
  return 0;
}
