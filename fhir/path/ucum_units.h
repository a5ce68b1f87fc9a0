#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// The UCUM unit atoms as data, for ucum.cpp only.
namespace cpis::fhir::path::ucum {

enum class Scale : std::uint8_t { ratio, own, celsius, fahrenheit, reaumur };

/// One `code` is `value` times `unit`. The base units are not in this table.
struct UnitRow {
  std::string_view code;
  bool metric = false;
  Scale scale = Scale::ratio;
  std::string_view value;
  std::string_view unit;
};

struct PrefixRow {
  std::string_view code;
  int exponent = 0;
  std::int64_t factor = 1;
};

std::span<const UnitRow> unit_rows();
std::span<const PrefixRow> prefix_rows();

}  // namespace cpis::fhir::path::ucum
