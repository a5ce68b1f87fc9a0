#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "adapters/spine/answer.h"
#include "adapters/spine/ebxml.h"

namespace cpis::spine {

/// What became of one HTTP exchange with Spine (spine.md 3.3).
enum class ReplyKind : std::uint8_t {
  accepted,  ///< the message handler has it; the answer comes later. An ack is not an answer
  answered,  ///< the application answered in the response
  resend,    ///< nothing was done with it: the same bytes may be sent again
  refused,   ///< it was not taken, for a reason that will not go away
  unclear,   ///< it may have been received: wait, and never ask again
};

struct Reply {
  ReplyKind kind = ReplyKind::unclear;
  std::optional<Answer> answer;     ///< with `answered`
  Error why{ErrorKind::fault, ""};  ///< with `resend`, `refused` and `unclear`
};

/// Judges the HTTP response to a query. `duplicate` errors (the id is known already) mean that an
/// earlier attempt arrived: accepted.
Reply read_reply(Pattern pattern, int http_status, std::string_view content_type,
                 std::string_view body);

}  // namespace cpis::spine
