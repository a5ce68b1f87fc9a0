#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cpis::fhir {

/// The bytes of r4.table, part of the program: R4 4.0.1 as the compile tool wrote it.
std::span<const unsigned char> embedded_r4_table();

/// Reads the compact definitions table in place (README.md, "The table"). Opening checks the header
/// only, so it costs nothing; a damaged table can give wrong values but never a read outside it.
class Table {
 public:
  enum Section : std::size_t {
    structures,
    constraints,
    value_sets,
    code_systems,
    search_parameters,
    compartments,
    section_count,
  };

  /// None when `bytes` is no table of this version. `bytes` must outlive the table.
  static std::optional<Table> open(std::span<const unsigned char> bytes);

  std::uint32_t count(Section section) const { return sections_[section].count; }

  /// Takes one record apart, field by field. Past the end every field is 0 or empty.
  class Cursor {
   public:
    Cursor(const Table& table, std::size_t at, std::size_t end)
        : table_{&table}, at_{at}, end_{end} {}
    std::uint32_t number();
    bool flag() { return number() != 0; }
    std::string_view text() { return table_->string(number()); }
    /// A list length, at most what the rest of the record could hold.
    std::size_t size();

   private:
    const Table* table_;
    std::size_t at_;
    std::size_t end_;
  };

  /// Precondition: `index` < `count(section)`. Records are sorted by canonical url.
  Cursor record(Section section, std::uint32_t index) const;
  std::string_view string(std::uint32_t id) const;

 private:
  struct Part {
    std::uint32_t count = 0;
    std::uint32_t starts = 0;
    std::uint32_t data = 0;
  };
  Table() = default;
  std::uint32_t word(std::size_t at) const;
  bool read_header();

  std::span<const unsigned char> bytes_;
  std::uint32_t string_count_ = 0;
  std::uint32_t string_offsets_ = 0;
  std::uint32_t string_bytes_ = 0;
  Part sections_[section_count];
};

}  // namespace cpis::fhir
