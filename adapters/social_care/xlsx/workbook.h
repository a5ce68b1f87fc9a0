#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/social_care/day.h"
#include "adapters/social_care/xlsx/zip_archive.h"

namespace cpis::social_care {

inline constexpr std::size_t sheet_rows_max = 1'048'576;
inline constexpr std::size_t sheet_columns_max = 512;
inline constexpr std::size_t shared_strings_max = 2'000'000;
inline constexpr std::size_t shared_strings_bytes_max = std::size_t{64} * 1024 * 1024;

/// What stands in a cell. Numbers keep their digits; whole numbers in exponent form or with `.0`
/// are written out. Formulas give their stored value.
struct Cell {
  std::string text;
  bool number = false;
};

/// The sheets of an Office Open XML workbook, read from front to end. Formulas, macros, links and
/// drawings are never looked at.
class Workbook {
 public:
  static Result<Workbook> open(Source& source);

  const std::vector<std::string>& sheet_names() const { return names_; }

  /// Gives each row with its number (1-based) and cells by column, until `take` returns false.
  Status rows(std::size_t sheet,
              const std::function<bool(std::size_t row, const std::vector<Cell>& cells)>& take);

  /// The day of a serial number in this workbook's date system (1900 or 1904); no_day when it is
  /// out of 1904..9999.
  Day day_of(std::string_view serial) const;

 private:
  explicit Workbook(ZipArchive archive);

  Status read_parts();

  ZipArchive archive_;
  std::vector<std::string> names_;
  std::vector<std::string> parts_;
  std::vector<std::string> strings_;
  bool from_1904_ = false;
};

}  // namespace cpis::social_care
