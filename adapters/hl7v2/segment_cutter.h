#pragma once

#include <cstddef>
#include <string_view>

namespace cpis::hl7v2 {

/// Cuts the text of one message (`text_of_message`) into its segments, front to back:
///
///     for (SegmentCutter cutter{text, separator}; cutter.next();) use(cutter.begin(),
///     cutter.end());
///
/// A line that does not begin with a segment name belongs to the segment before it. Cost is linear
/// in the bytes.
class SegmentCutter {
 public:
  /// `text` begins with a segment and must outlive the cutter.
  SegmentCutter(std::string_view text, char field_separator)
      : text_{text}, separator_{field_separator} {}

  /// Moves to the next segment, at first to the first; false after the last.
  bool next();

  // Of the segment at hand; its end is that of its last line, without the line end.
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  std::string_view name() const { return text_.substr(begin_, 3); }
  std::string_view raw() const { return text_.substr(begin_, end_ - begin_); }

  /// Lines so far that belonged to the segment before them.
  std::size_t continued_lines() const { return continued_lines_; }

 private:
  std::size_t line_end(std::size_t at);

  std::string_view text_;
  char separator_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t next_ = 0;
  std::size_t known_return_ = 0;  ///< where the next CR is, once that is known
  std::size_t known_feed_ = 0;    ///< the same for LF
  std::size_t continued_lines_ = 0;
};

}  // namespace cpis::hl7v2
