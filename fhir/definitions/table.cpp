#include "fhir/definitions/table.h"

#include <algorithm>
#include <cstring>

// The table lies in the read-only data of the program: nothing to find, open or copy at start.
__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    ".global cpis_fhir_r4_table\n"
    "cpis_fhir_r4_table:\n"
    ".incbin \"" CPIS_R4_TABLE
    "\"\n"
    ".global cpis_fhir_r4_table_end\n"
    "cpis_fhir_r4_table_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
extern const unsigned char cpis_fhir_r4_table[];
extern const unsigned char cpis_fhir_r4_table_end[];
}

namespace cpis::fhir {

namespace {
constexpr std::string_view magic = "CPISFHIR";
constexpr std::uint32_t format_version = 1;
constexpr std::size_t header_words = 6;
constexpr std::size_t word_bytes = 4;
}  // namespace

std::span<const unsigned char> embedded_r4_table() {
  return {cpis_fhir_r4_table,
          static_cast<std::size_t>(cpis_fhir_r4_table_end - cpis_fhir_r4_table)};
}

std::optional<Table> Table::open(std::span<const unsigned char> bytes) {
  Table table;
  table.bytes_ = bytes;
  if (!table.read_header()) return std::nullopt;
  return table;
}

bool Table::read_header() {
  if (bytes_.size() < magic.size() + (header_words + 3 * section_count) * word_bytes) return false;
  if (std::memcmp(bytes_.data(), magic.data(), magic.size()) != 0) return false;
  const auto header = [&](std::size_t index) { return word(magic.size() + index * word_bytes); };
  if (header(0) != format_version || header(1) != bytes_.size()) return false;
  if (header(5) != section_count) return false;
  string_count_ = header(2);
  string_offsets_ = header(3);
  string_bytes_ = header(4);
  for (std::size_t index = 0; index < section_count; ++index) {
    const std::size_t at = header_words + 3 * index;
    sections_[index] = Part{header(at), header(at + 1), header(at + 2)};
  }
  return true;
}

std::uint32_t Table::word(std::size_t at) const {
  if (at + word_bytes > bytes_.size()) return 0;
  std::uint32_t value = 0;
  for (std::size_t index = word_bytes; index > 0; --index)
    value = value << 8U | bytes_[at + index - 1];
  return value;
}

std::string_view Table::string(std::uint32_t id) const {
  if (id >= string_count_) return {};
  const std::size_t at = string_offsets_ + word_bytes * std::size_t{id};
  const std::size_t begin = std::size_t{string_bytes_} + word(at);
  const std::size_t end = std::size_t{string_bytes_} + word(at + word_bytes);
  if (begin > end || end > bytes_.size()) return {};
  return {reinterpret_cast<const char*>(bytes_.data()) + begin, end - begin};
}

Table::Cursor Table::record(Section section, std::uint32_t index) const {
  const Part& part = sections_[section];
  const std::size_t at = part.starts + word_bytes * std::size_t{index};
  const std::size_t begin = std::size_t{part.data} + word(at);
  const std::size_t end = std::size_t{part.data} + word(at + word_bytes);
  return {*this, begin, std::min(end, bytes_.size())};
}

std::uint32_t Table::Cursor::number() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; at_ < end_ && shift < 32; shift += 7) {
    const std::uint32_t byte = table_->bytes_[at_++];
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80U) return value;
  }
  return 0;
}

std::size_t Table::Cursor::size() {
  const std::size_t wanted = number();
  return std::min(wanted, end_ - std::min(at_, end_));
}

}  // namespace cpis::fhir
