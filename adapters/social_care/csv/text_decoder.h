#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/social_care/source.h"

namespace cpis::social_care {

enum class Encoding : std::uint8_t { utf8, windows1252, utf16le, utf16be };

std::string_view name_of(Encoding encoding);

/// Turns the bytes of a file into checked UTF-8, piece by piece.
///
/// A byte order mark decides first (UTF-8, UTF-16 either way). Without one the text is UTF-8 until
/// the first byte that is not ASCII: a right UTF-8 sequence there commits to UTF-8, anything else
/// means Windows-1252 when that is allowed. After that there is no second guess: a wrong byte is
/// refused. NUL is refused in every encoding.
class TextDecoder {
 public:
  enum class Step : std::uint8_t { more, end, refused };

  /// `source` must outlive the decoder.
  TextDecoder(Source& source, bool allow_windows1252);

  /// Writes whole characters into `into` (at least 16 bytes long) and sets `written`. After
  /// `refused`, `written` bytes before the bad place are good and `problem()` says why.
  Step fill(std::span<char> into, std::size_t& written);

  Encoding encoding() const { return encoding_; }
  const std::string& problem() const { return problem_; }

 private:
  bool load();
  bool start();
  Step refuse(std::string_view why);
  Step fill_utf8(std::span<char> into, std::size_t& written);
  Step fill_windows1252(std::span<char> into, std::size_t& written);
  Step fill_utf16(std::span<char> into, std::size_t& written);

  Source& source_;
  const bool allow_windows1252_;
  Encoding encoding_ = Encoding::utf8;
  bool committed_ = false;
  bool started_ = false;
  bool source_ended_ = false;
  std::vector<char> raw_;
  std::size_t raw_at_ = 0;
  std::size_t raw_end_ = 0;
  std::string problem_;
};

}  // namespace cpis::social_care
