#include "adapters/social_care/csv/csv_reader.h"

#include <algorithm>
#include <cstring>

namespace cpis::social_care {
namespace {

// The window starts small, because most files are, and grows with the longest record.
constexpr std::size_t window_bytes_min = std::size_t{64} * 1024;
constexpr std::size_t window_bytes_max = 2 * csv_record_bytes_max;

std::size_t find_in(const std::vector<char>& window, std::size_t from, std::size_t end, char c) {
  const void* hit = std::memchr(window.data() + from, c, end - from);
  if (hit == nullptr) return end;
  return static_cast<std::size_t>(static_cast<const char*>(hit) - window.data());
}

}  // namespace

CsvReader::CsvReader(Source& source, const CsvOptions& options)
    : decoder_{source, options.allow_windows1252}, options_{options}, window_(window_bytes_min) {}

CsvReader::Step CsvReader::refuse_at(std::size_t offset, std::string_view text) {
  const auto first = window_.begin() + static_cast<std::ptrdiff_t>(begin_);
  const auto last = window_.begin() + static_cast<std::ptrdiff_t>(offset);
  problem_.line = next_line_ + static_cast<std::size_t>(std::count(first, last, '\n'));
  const auto reversed =
      std::find(std::make_reverse_iterator(last), std::make_reverse_iterator(first), '\n');
  problem_.character = static_cast<std::size_t>(last - reversed.base()) + 1;
  problem_.text = text;
  stopped_ = true;
  return Step::refused;
}

CsvReader::Scan CsvReader::refuse_scan(std::size_t offset, std::string_view text) {
  refuse_at(offset, text);
  return Scan::refused;
}

// Moves the unread text to the front and adds more; false when nothing was added.
bool CsvReader::fill_window() {
  if (text_ended_ || text_refused_) return false;
  std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ > window_.size() / 2 && window_.size() < window_bytes_max) {
    window_.resize(2 * window_.size());
  }
  const std::size_t before = end_;
  while (window_.size() - end_ >= 16 && !text_ended_ && !text_refused_) {
    std::size_t written = 0;
    const auto step = decoder_.fill(std::span{window_}.subspan(end_), written);
    end_ += written;
    text_ended_ = step == TextDecoder::Step::end;
    text_refused_ = step == TextDecoder::Step::refused;
    const bool full = step == TextDecoder::Step::more && written == 0 && end_ > before;
    if (full) break;
  }
  return end_ > before || text_ended_ || text_refused_;
}

CsvReader::Scan CsvReader::scan_quoted(std::size_t& p) {
  const std::size_t open = p;
  bool escaped = false;
  std::size_t close = p + 1;
  while (true) {
    close = find_in(window_, close, end_, '"');
    if (close == end_) {
      return text_ended_ ? refuse_scan(open, "a quote that is never closed") : Scan::needs_more;
    }
    if (close + 1 == end_ && !text_ended_) return Scan::needs_more;
    if (close + 1 == end_ || window_[close + 1] != '"') break;
    escaped = true;
    close += 2;
  }
  pieces_.push_back({open + 1, close, true, escaped});
  p = close + 1;
  return Scan::whole;
}

CsvReader::Scan CsvReader::scan_plain(std::size_t& p) {
  const std::size_t start = p;
  const char* const text = window_.data();
  const char delimiter = options_.delimiter;
  while (p < end_) {
    const char c = text[p];
    if (c == delimiter || c == '\n' || c == '\r') break;
    if (c == '"') return refuse_scan(p, "a quote in the middle of a field");
    ++p;
  }
  if (p == end_ && !text_ended_) return Scan::needs_more;
  pieces_.push_back({start, p, false, false});
  return Scan::whole;
}

// Steps over what follows a field; `last` says that it ended the record.
CsvReader::Scan CsvReader::end_of_field(std::size_t& p, bool& last) {
  last = true;
  if (p == end_) return text_ended_ ? Scan::whole : Scan::needs_more;
  if (window_[p] == options_.delimiter) {
    last = false;
    ++p;
    return Scan::whole;
  }
  if (window_[p] == '\n') {
    ++p;
    return Scan::whole;
  }
  if (window_[p] != '\r') return refuse_scan(p, "text after a closing quote");
  if (p + 1 == end_ && !text_ended_) return Scan::needs_more;
  if (p + 1 < end_ && window_[p + 1] == '\n') {
    p += 2;
    return Scan::whole;
  }
  return refuse_scan(p, "a carriage return without a line feed");
}

CsvReader::Scan CsvReader::scan_record() {
  pieces_.clear();
  std::size_t p = begin_;
  bool last = false;
  while (!last) {
    if (p == end_ && !text_ended_) return Scan::needs_more;
    const bool quoted = p < end_ && window_[p] == '"';
    Scan scan = quoted ? scan_quoted(p) : scan_plain(p);
    if (scan == Scan::whole) scan = end_of_field(p, last);
    if (scan != Scan::whole) return scan;
    if (pieces_.size() > csv_columns_max) return refuse_scan(p, "too many columns");
    if (p - begin_ > csv_record_bytes_max) return refuse_scan(begin_, "a line that is too long");
  }
  next_begin_ = p;
  return Scan::whole;
}

// Folds doubled quotes in place. The record is complete, so nothing reads these bytes again.
std::string_view CsvReader::unescape(const Piece& piece) {
  char* const text = window_.data();
  if (!piece.escaped) return {text + piece.begin, piece.end - piece.begin};
  std::size_t out = piece.begin;
  for (std::size_t in = piece.begin; in < piece.end; ++in) {
    if (text[in] == '"') ++in;
    text[out++] = text[in];
  }
  return {text + piece.begin, out - piece.begin};
}

CsvReader::Step CsvReader::deliver() {
  line_ = next_line_;
  const bool is_trailer = !options_.trailer.empty() && width_ != 0 &&
                          std::string_view{window_.data() + pieces_[0].begin,
                                           pieces_[0].end - pieces_[0].begin} == options_.trailer;
  if (width_ != 0 && !is_trailer && pieces_.size() != width_) {
    const Piece& piece = pieces_[std::min(pieces_.size() - 1, width_)];
    return refuse_at(piece.begin, "this line has " + std::to_string(pieces_.size()) +
                                      " fields and the header has " + std::to_string(width_));
  }
  bool quoted = false;
  for (const Piece& piece : pieces_) quoted = quoted || piece.quoted;
  ++next_line_;
  if (quoted) {
    const auto first = window_.begin() + static_cast<std::ptrdiff_t>(begin_);
    const auto last = window_.begin() + static_cast<std::ptrdiff_t>(next_begin_);
    const auto breaks = static_cast<std::size_t>(std::count(first, last, '\n'));
    const bool ended = next_begin_ > begin_ && window_[next_begin_ - 1] == '\n';
    next_line_ += breaks - (ended ? 1 : 0);
  }
  fields_.clear();
  for (const Piece& piece : pieces_) fields_.push_back(unescape(piece));
  begin_ = next_begin_;
  if (width_ == 0) width_ = fields_.size();
  return is_trailer ? Step::trailer : Step::row;
}

CsvReader::Step CsvReader::next() {
  if (stopped_) return problem_.text.empty() ? Step::end : Step::refused;
  while (true) {
    if (begin_ == end_ && text_ended_) {
      stopped_ = true;
      return Step::end;
    }
    const Scan scan = begin_ == end_ ? Scan::needs_more : scan_record();
    if (scan == Scan::refused) return Step::refused;
    if (scan == Scan::whole) {
      const bool blank =
          pieces_.size() == 1 && !pieces_[0].quoted && pieces_[0].begin == pieces_[0].end;
      if (!blank) return deliver();
      begin_ = next_begin_;
      ++next_line_;
      continue;
    }
    if (text_refused_) return refuse_at(end_, decoder_.problem());
    if (end_ - begin_ > csv_record_bytes_max) return refuse_at(begin_, "a line that is too long");
    if (!fill_window()) return refuse_at(begin_, "a line that is too long");
  }
}

}  // namespace cpis::social_care
