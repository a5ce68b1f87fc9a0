#include "adapters/social_care/csv/text_decoder.h"

#include <algorithm>
#include <cstring>

namespace cpis::social_care {
namespace {

constexpr std::size_t raw_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t sequence_bytes_max = 4;

constexpr std::array<std::string_view, 4> encoding_names{"utf-8", "windows-1252", "utf-16le",
                                                         "utf-16be"};

// Windows-1252 from 0x80 to 0x9f; 0 marks the five bytes that mean nothing there.
constexpr std::array<std::uint16_t, 32> windows1252_high{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::uint8_t byte_at(const char* p) { return static_cast<std::uint8_t>(*p); }

// Eight bytes at a time: true when none is NUL and none is above 0x7f.
bool plain_word(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  return ((word | (word - ones)) & highs) == 0;
}

bool continuation(const char* p) { return (byte_at(p) & 0xC0U) == 0x80U; }

// Length of the UTF-8 sequence at `p`, 0 when it is wrong. `size` may cut it short: then the
// length it announces is returned if what is there is right so far.
std::size_t sequence_length(const char* p, std::size_t size) {
  const std::uint8_t first = byte_at(p);
  if (first < 0x80) return first == 0 ? 0 : 1;
  std::size_t length = 0;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0) return 0;
  for (std::size_t i = 1; i < std::min(length, size); ++i) {
    if (!continuation(p + i)) return 0;
  }
  if (size < 2) return length;
  const std::uint8_t second = byte_at(p + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool too_high = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_high ? 0 : length;
}

std::size_t put_utf8(char32_t c, char* out) {
  const auto low = [](char32_t bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0U | (c >> 6U));
    out[1] = low(c);
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0U | (c >> 12U));
    out[1] = low(c >> 6U);
    out[2] = low(c);
    return 3;
  }
  out[0] = static_cast<char>(0xF0U | (c >> 18U));
  out[1] = low(c >> 12U);
  out[2] = low(c >> 6U);
  out[3] = low(c);
  return 4;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  return encoding_names[static_cast<std::size_t>(encoding)];
}

TextDecoder::TextDecoder(Source& source, bool allow_windows1252)
    : source_{source}, allow_windows1252_{allow_windows1252}, raw_(raw_bytes_max) {}

// Keeps the unread bytes and adds what the source gives; false when the source failed.
bool TextDecoder::load() {
  std::memmove(raw_.data(), raw_.data() + raw_at_, raw_end_ - raw_at_);
  raw_end_ -= raw_at_;
  raw_at_ = 0;
  while (!source_ended_ && raw_end_ < raw_.size()) {
    const auto got = source_.read(std::span{raw_}.subspan(raw_end_));
    if (!got) return false;
    source_ended_ = *got == 0;
    raw_end_ += *got;
  }
  return true;
}

bool TextDecoder::start() {
  started_ = true;
  if (!load()) return false;
  const std::string_view head{raw_.data(), std::min<std::size_t>(raw_end_, 3)};
  if (head.substr(0, 3) == "\xEF\xBB\xBF") {
    committed_ = true;
    raw_at_ = 3;
  } else if (head.substr(0, 2) == "\xFF\xFE" || head.substr(0, 2) == "\xFE\xFF") {
    encoding_ = head[0] == '\xFF' ? Encoding::utf16le : Encoding::utf16be;
    committed_ = true;
    raw_at_ = 2;
  }
  return true;
}

TextDecoder::Step TextDecoder::refuse(std::string_view why) {
  problem_ = why;
  return Step::refused;
}

TextDecoder::Step TextDecoder::fill(std::span<char> into, std::size_t& written) {
  written = 0;
  if (!started_ && !start()) return refuse("the file could not be read");
  if (raw_end_ - raw_at_ < sequence_bytes_max && !source_ended_ && !load()) {
    return refuse("the file could not be read");
  }
  if (raw_at_ == raw_end_) return Step::end;
  switch (encoding_) {
    case Encoding::utf8:
      return fill_utf8(into, written);
    case Encoding::windows1252:
      return fill_windows1252(into, written);
    case Encoding::utf16le:
    case Encoding::utf16be:
      break;
  }
  return fill_utf16(into, written);
}

TextDecoder::Step TextDecoder::fill_utf8(std::span<char> into, std::size_t& written) {
  const char* const begin = raw_.data() + raw_at_;
  const std::size_t size = std::min(into.size(), raw_end_ - raw_at_);
  const char* p = begin;
  const char* const end = begin + size;
  bool wrong = false;
  while (p < end) {
    if (end - p >= 8 && plain_word(p)) {
      p += 8;
      continue;
    }
    const auto left = static_cast<std::size_t>(end - p);
    const std::size_t length = sequence_length(p, left);
    wrong = length == 0;
    if (wrong || length > left) break;
    committed_ = committed_ || length > 1;
    p += length;
  }
  written = static_cast<std::size_t>(p - begin);
  std::memcpy(into.data(), begin, written);
  raw_at_ += written;
  if (!wrong) {
    const bool cut = written == 0 && source_ended_;
    return cut ? refuse("the file ends inside a UTF-8 character") : Step::more;
  }
  if (byte_at(p) == 0) return refuse("a NUL byte");
  if (committed_ || !allow_windows1252_) return refuse("a byte that is not UTF-8");
  encoding_ = Encoding::windows1252;
  committed_ = true;
  return Step::more;
}

TextDecoder::Step TextDecoder::fill_windows1252(std::span<char> into, std::size_t& written) {
  while (raw_at_ < raw_end_ && into.size() - written >= sequence_bytes_max) {
    const std::uint8_t byte = byte_at(raw_.data() + raw_at_);
    char32_t c = byte;
    if (byte >= 0x80 && byte < 0xA0) c = windows1252_high[byte - 0x80U];
    if (c == 0) return refuse(byte == 0 ? "a NUL byte" : "a byte that Windows-1252 does not use");
    written += put_utf8(c, into.data() + written);
    ++raw_at_;
  }
  return Step::more;
}

TextDecoder::Step TextDecoder::fill_utf16(std::span<char> into, std::size_t& written) {
  const auto unit_at = [this](std::size_t at) {
    const unsigned one = byte_at(raw_.data() + at);
    const unsigned two = byte_at(raw_.data() + at + 1);
    return static_cast<char32_t>(encoding_ == Encoding::utf16le ? two << 8U | one
                                                                : one << 8U | two);
  };
  while (raw_end_ - raw_at_ >= 2 && into.size() - written >= sequence_bytes_max) {
    char32_t c = unit_at(raw_at_);
    std::size_t used = 2;
    if (c == 0) return refuse("a NUL character");
    if (c >= 0xDC00 && c < 0xE000) return refuse("half of a UTF-16 pair");
    if (c >= 0xD800 && c < 0xDC00) {
      if (raw_end_ - raw_at_ < 4) break;
      const char32_t second = unit_at(raw_at_ + 2);
      if (second < 0xDC00 || second >= 0xE000) return refuse("half of a UTF-16 pair");
      c = 0x10000 + ((c - 0xD800) << 10U) + (second - 0xDC00);
      used = 4;
    }
    written += put_utf8(c, into.data() + written);
    raw_at_ += used;
  }
  if (written == 0 && source_ended_) return refuse("the file ends inside a UTF-16 character");
  return Step::more;
}

}  // namespace cpis::social_care
