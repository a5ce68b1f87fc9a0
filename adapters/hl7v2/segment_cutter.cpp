#include "adapters/hl7v2/segment_cutter.h"

#include <algorithm>

#include "adapters/hl7v2/header.h"

namespace cpis::hl7v2 {
namespace {

constexpr std::size_t name_bytes = 3;

std::size_t skip_line_ends(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '\r' || text[at] == '\n')) ++at;
  return at;
}

// Each byte is searched once for CR and once for LF, however many of them there are.
std::size_t find_from(std::string_view text, char wanted, std::size_t at, std::size_t& known) {
  if (known < at) known = std::min(text.find(wanted, at), text.size());
  return known;
}

}  // namespace

std::size_t SegmentCutter::line_end(std::size_t at) {
  return std::min(find_from(text_, '\r', at, known_return_),
                  find_from(text_, '\n', at, known_feed_));
}

bool SegmentCutter::next() {
  if (next_ >= text_.size()) return false;
  begin_ = next_;
  for (std::size_t at = begin_ + name_bytes;; at = next_) {
    end_ = line_end(at);
    next_ = skip_line_ends(text_, end_);
    if (next_ >= text_.size() || starts_segment(text_.substr(next_), separator_)) return true;
    ++continued_lines_;
  }
}

}  // namespace cpis::hl7v2
