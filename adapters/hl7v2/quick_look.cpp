#include "adapters/hl7v2/quick_look.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "adapters/hl7v2/adt_reader.h"
#include "adapters/hl7v2/charset.h"
#include "adapters/hl7v2/parts.h"
#include "adapters/hl7v2/segment_cutter.h"

namespace cpis::hl7v2 {
namespace {

// A field takes a byte at least, so what is no longer than this has not too many of them.
bool is_short_enough(std::string_view bytes, const MessageLimits& limits) {
  const std::size_t most = std::min<std::size_t>(
      {limits.bytes_max, limits.fields_max, std::numeric_limits<std::uint32_t>::max()});
  return bytes.size() <= most;
}

// PID-3 of the first PID of what can be indexed as one message; nothing when either is not so.
std::optional<Field> find_pid_3(std::string_view text, const Delimiters& delimiters,
                                std::size_t segments_max) {
  std::optional<Field> pid_3;
  std::size_t segments = 0;
  for (SegmentCutter cutter{text, delimiters.field}; cutter.next();) {
    if (++segments > segments_max) return std::nullopt;
    if (segments > 1 && is_header(cutter.name())) return std::nullopt;
    if (pid_3 || cutter.name() != "PID") continue;
    pid_3 = Field{part(cutter.raw(), delimiters.field, 4), delimiters};
  }
  return pid_3;
}

}  // namespace

bool is_surely_stored(std::string_view bytes, const MessageHeader& header,
                      const FeedSettings& settings) {
  if (!is_short_enough(bytes, settings.limits)) return false;
  if (!stands_as_it_is(bytes, header.charset)) return false;
  const std::string_view text = text_of_message(bytes);
  if (!text.starts_with("MSH")) return false;
  const auto pid_3 = find_pid_3(text, header.delimiters, settings.limits.segments_max);
  return pid_3 && is_surely_an_event(header, *pid_3, settings);
}

}  // namespace cpis::hl7v2
