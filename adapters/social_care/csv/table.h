#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/social_care/csv/csv_reader.h"
#include "adapters/social_care/extract.h"

namespace cpis::social_care {

/// Column of a table; `no_column` when the source has none.
using Column = std::size_t;
inline constexpr Column no_column = std::numeric_limits<Column>::max();

struct DayValue {
  Day day = no_day;
  bool wrong = false;  ///< there is text, and it is no date of the profile
};

/// A CSV file of an export with its header read: cells by column, with the profile's nulls and
/// dates applied. What is wrong with the file refuses the whole set (F01) through the extract.
class CsvTable {
 public:
  /// Reads the header. `source` and `extract` must outlive the table.
  CsvTable(Source& source, Extract& extract, std::string_view trailer = {});

  /// Position of the column; its absence refuses the set. ASCII case does not matter.
  Column needed(std::string_view name);
  /// `no_column` when it is absent or `name` is empty.
  Column optional(std::string_view name) const;
  const std::vector<std::string>& header() const { return header_; }

  /// The next row that has anything in it; false at the end or when the set is refused.
  bool next();
  bool at_trailer() const { return at_trailer_; }

  /// The cell, trimmed; empty when it is null or there is no such column.
  std::string_view cell(Column column) const;
  DayValue day(Column column) const;
  RowRef at() const { return {file_, static_cast<std::uint32_t>(reader_.line())}; }
  std::size_t rows() const { return rows_; }

 private:
  void read_header();
  void warn_encoding();

  Extract& extract_;
  std::string name_;
  std::uint16_t file_;
  CsvReader reader_;
  std::vector<std::string> header_;
  std::size_t rows_ = 0;
  bool at_trailer_ = false;
};

/// `text` as a day of the profile: its nulls and null dates are no day.
DayValue read_day(const Profile& profile, std::string_view text);

}  // namespace cpis::social_care
