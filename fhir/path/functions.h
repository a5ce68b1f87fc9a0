#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cpis::fhir::path {

/// Every function of FHIRPath N1 and of FHIR R4 (2.9.1.4), and those of later drafts that R4 tools
/// use. One row each in functions.cpp says name, arguments and how arguments are evaluated.
enum class Function : std::uint8_t {
  // existence
  empty_,
  exists,
  not_,
  all,
  all_true,
  any_true,
  all_false,
  any_false,
  subset_of,
  superset_of,
  count,
  distinct,
  is_distinct,
  // filtering and projection
  where,
  select,
  repeat,
  repeat_all,
  of_type,
  as,
  is,
  coalesce,
  sort,
  // subsetting and combining
  single,
  first,
  last,
  tail,
  skip,
  take,
  intersect,
  exclude,
  union_,
  combine,
  // conversion
  iif,
  to_boolean,
  converts_to_boolean,
  to_integer,
  converts_to_integer,
  to_long,
  converts_to_long,
  to_decimal,
  converts_to_decimal,
  to_string,
  converts_to_string,
  to_date,
  converts_to_date,
  to_date_time,
  converts_to_date_time,
  to_time,
  converts_to_time,
  to_quantity,
  converts_to_quantity,
  // strings
  index_of,
  last_index_of,
  substring,
  starts_with,
  ends_with,
  contains,
  upper_,
  lower_,
  replace,
  matches,
  matches_full,
  replace_matches,
  length,
  to_chars,
  split,
  join,
  trim,
  encode,
  decode,
  escape,
  unescape,
  // mathematics
  abs_,
  ceiling,
  exp_,
  floor_,
  ln,
  log_,
  power,
  round_,
  sqrt_,
  truncate,
  // tree, utility, aggregates
  children,
  descendants,
  trace,
  now,
  today,
  time_of_day,
  aggregate,
  sum,
  min,
  max,
  avg,
  define_variable,
  type,
  // date and time, boundaries
  low_boundary,
  high_boundary,
  precision,
  comparable,
  year_of,
  month_of,
  day_of,
  hour_of,
  minute_of,
  second_of,
  millisecond_of,
  offset_of,
  date_of,
  time_of,
  // FHIR
  extension,
  has_extension,
  has_value,
  get_value,
  resolve,
  conforms_to,
  member_of,
  subsumes,
  subsumed_by,
  html_checks,
  element_definition,
  slice,
  check_modifiers,
};

/// How the arguments of a function are evaluated.
enum class Arguments : std::uint8_t {
  values,     ///< before the call, in the context of the call
  per_item,   ///< by the function, once for each item, which is $this
  type_name,  ///< one type specifier
};

struct FunctionRow {
  Function id;
  std::string_view name;
  std::uint8_t least = 0;
  std::uint8_t most = 0;
  Arguments arguments = Arguments::values;
};

/// Null for an unknown name.
const FunctionRow* find_function(std::string_view name);
const FunctionRow& row_of(Function function);
std::span<const FunctionRow> all_functions();

}  // namespace cpis::fhir::path
