#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/social_care/csv/text_decoder.h"

namespace cpis::social_care {

inline constexpr std::size_t csv_record_bytes_max = std::size_t{1024} * 1024;
inline constexpr std::size_t csv_columns_max = 512;

struct CsvOptions {
  char delimiter = ',';
  bool allow_windows1252 = false;
  /// First field of a last line that is not a row, such as `#END`; empty: there is none.
  std::string_view trailer{};
};

/// Why a file was refused, and where.
struct CsvProblem {
  std::size_t line = 0;       ///< 1-based physical line
  std::size_t character = 0;  ///< 1-based byte in that line, after decoding
  std::string text;
};

/// RFC 4180 in one pass over a bounded window: quoted fields with doubled quotes and line breaks,
/// CRLF or LF, a missing last line break. The first record is the header. Refused, with the place:
/// a record with another number of fields than the header, a quote in the middle of a plain field,
/// text after a closing quote, an open quote at the end, a lone CR, a record longer than
/// `csv_record_bytes_max`, more than `csv_columns_max` columns, and what TextDecoder refuses.
/// Lines without any character are skipped.
class CsvReader {
 public:
  enum class Step : std::uint8_t {
    row,      ///< `fields()` and `line()` describe it until the next call
    trailer,  ///< the trailer line, its own number of fields
    end,
    refused,  ///< `problem()`; nothing more comes
  };

  /// `source` must outlive the reader.
  CsvReader(Source& source, const CsvOptions& options);

  Step next();

  const std::vector<std::string_view>& fields() const { return fields_; }
  std::size_t line() const { return line_; }
  Encoding encoding() const { return decoder_.encoding(); }
  const CsvProblem& problem() const { return problem_; }

 private:
  enum class Scan : std::uint8_t { whole, needs_more, refused };
  struct Piece {
    std::size_t begin;
    std::size_t end;
    bool quoted;
    bool escaped;
  };

  Scan scan_record();
  Scan scan_quoted(std::size_t& p);
  Scan scan_plain(std::size_t& p);
  Scan end_of_field(std::size_t& p, bool& last);
  bool fill_window();
  Step deliver();
  Step refuse_at(std::size_t offset, std::string_view text);
  Scan refuse_scan(std::size_t offset, std::string_view text);
  std::string_view unescape(const Piece& piece);

  TextDecoder decoder_;
  const CsvOptions options_;
  std::vector<char> window_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool text_ended_ = false;
  bool text_refused_ = false;
  std::size_t next_begin_ = 0;
  std::size_t next_line_ = 1;
  std::size_t line_ = 0;
  std::size_t width_ = 0;
  bool stopped_ = false;
  std::vector<Piece> pieces_;
  std::vector<std::string_view> fields_;
  CsvProblem problem_;
};

}  // namespace cpis::social_care
