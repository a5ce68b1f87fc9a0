#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/mesh/authorization.h"
#include "adapters/mesh/bodies.h"
#include "adapters/mesh/call.h"
#include "adapters/mesh/message.h"

namespace {

using namespace cpis::mesh;

void demand(bool kept) {
  if (!kept) std::abort();
}

void try_token(std::string_view text) {
  const auto token = read_authorization(text);
  if (!token) return;
  const Credentials who{token->mailbox, "password", "key"};
  UsedTokens used;
  const auto hmac = [](std::string_view, std::string_view) { return std::string(32, 'x'); };
  const auto time = read_timestamp(token->timestamp);
  demand(static_cast<bool>(time) && write_timestamp(*time) == token->timestamp);
  demand(check(*token, who, *time, hmac, used) != TokenFault::out_of_window);
}

// A call that can be read can be written and is then read back as the same.
void try_call(std::string_view target) {
  for (const std::string_view method : {"GET", "POST", "PUT", "HEAD"}) {
    const auto call = read_call(method, target);
    if (!call) continue;
    const Line line = write_call(*call);
    if (line.target.size() > target_bytes_max) continue;  // we escape more than others
    const auto again = read_call(line.method, line.target);
    demand(again.has_value() && *again == *call);
  }
  if (const auto next = next_page(target, "X26ABC1")) demand(next->front() == '/');
}

void try_headers(std::string_view text) {
  if (const auto range = read_range(text)) demand(read_range(write_range(*range)) == range);
  Headers headers;
  constexpr std::string_view names[] = {"mex-To",          "mex-WorkflowID",  "mex-LocalID",
                                        "mex-FileName",    "mex-Chunk-Range", "mex-MessageType",
                                        "Content-Encoding"};
  for (const std::string_view name : names) {
    const std::size_t end = text.find('\n');
    headers.emplace_back(name, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const MessageHead head = read_head(headers);
  demand(read_head(write_head(head)) == head);
  const auto envelope = read_envelope(headers);
  if (!envelope) return;
  const auto written = write_envelope(*envelope);
  demand(static_cast<bool>(written));
}

void try_body(std::string_view body) {
  if (const auto page = read_inbox(body)) {
    const auto again = read_inbox(write_inbox(*page, "/self", 2));
    demand(static_cast<bool>(again) && again->messages == page->messages);
  }
  if (const auto id = read_sent(body)) demand(*read_sent(write_sent(*id, 2)) == *id);
  if (const auto tracking = read_tracking(body)) {
    demand(static_cast<bool>(read_tracking(write_tracking(*tracking, 2))));
  }
  static_cast<void>(retry_of(417, read_error(body)));
}

}  // namespace

/// The first byte chooses the reader. What was read is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (data[0] == 'a') try_token(text);
  if (data[0] == 'c') try_call(text);
  if (data[0] == 'h') try_headers(text);
  if (data[0] == 'b') try_body(text);
  return 0;
}
