#include "fhir/path/functions.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cpis::fhir::path {
namespace {

// In the order of the enumeration.
constexpr std::array rows{
    FunctionRow{Function::empty_, "empty", 0, 0},
    FunctionRow{Function::exists, "exists", 0, 1, Arguments::per_item},
    FunctionRow{Function::not_, "not", 0, 0},
    FunctionRow{Function::all, "all", 1, 1, Arguments::per_item},
    FunctionRow{Function::all_true, "allTrue", 0, 0},
    FunctionRow{Function::any_true, "anyTrue", 0, 0},
    FunctionRow{Function::all_false, "allFalse", 0, 0},
    FunctionRow{Function::any_false, "anyFalse", 0, 0},
    FunctionRow{Function::subset_of, "subsetOf", 1, 1},
    FunctionRow{Function::superset_of, "supersetOf", 1, 1},
    FunctionRow{Function::count, "count", 0, 0},
    FunctionRow{Function::distinct, "distinct", 0, 0},
    FunctionRow{Function::is_distinct, "isDistinct", 0, 0},
    FunctionRow{Function::where, "where", 1, 1, Arguments::per_item},
    FunctionRow{Function::select, "select", 1, 1, Arguments::per_item},
    FunctionRow{Function::repeat, "repeat", 1, 1, Arguments::per_item},
    FunctionRow{Function::repeat_all, "repeatAll", 1, 1, Arguments::per_item},
    FunctionRow{Function::of_type, "ofType", 1, 1, Arguments::type_name},
    FunctionRow{Function::as, "as", 1, 1, Arguments::type_name},
    FunctionRow{Function::is, "is", 1, 1, Arguments::type_name},
    FunctionRow{Function::coalesce, "coalesce", 1, 16, Arguments::per_item},
    FunctionRow{Function::sort, "sort", 0, 16, Arguments::per_item},
    FunctionRow{Function::single, "single", 0, 0},
    FunctionRow{Function::first, "first", 0, 0},
    FunctionRow{Function::last, "last", 0, 0},
    FunctionRow{Function::tail, "tail", 0, 0},
    FunctionRow{Function::skip, "skip", 1, 1},
    FunctionRow{Function::take, "take", 1, 1},
    FunctionRow{Function::intersect, "intersect", 1, 1},
    FunctionRow{Function::exclude, "exclude", 1, 1},
    FunctionRow{Function::union_, "union", 1, 1},
    FunctionRow{Function::combine, "combine", 1, 2},
    FunctionRow{Function::iif, "iif", 2, 3, Arguments::per_item},
    FunctionRow{Function::to_boolean, "toBoolean", 0, 0},
    FunctionRow{Function::converts_to_boolean, "convertsToBoolean", 0, 0},
    FunctionRow{Function::to_integer, "toInteger", 0, 0},
    FunctionRow{Function::converts_to_integer, "convertsToInteger", 0, 0},
    FunctionRow{Function::to_long, "toLong", 0, 0},
    FunctionRow{Function::converts_to_long, "convertsToLong", 0, 0},
    FunctionRow{Function::to_decimal, "toDecimal", 0, 0},
    FunctionRow{Function::converts_to_decimal, "convertsToDecimal", 0, 0},
    FunctionRow{Function::to_string, "toString", 0, 0},
    FunctionRow{Function::converts_to_string, "convertsToString", 0, 0},
    FunctionRow{Function::to_date, "toDate", 0, 1},
    FunctionRow{Function::converts_to_date, "convertsToDate", 0, 1},
    FunctionRow{Function::to_date_time, "toDateTime", 0, 1},
    FunctionRow{Function::converts_to_date_time, "convertsToDateTime", 0, 1},
    FunctionRow{Function::to_time, "toTime", 0, 1},
    FunctionRow{Function::converts_to_time, "convertsToTime", 0, 1},
    FunctionRow{Function::to_quantity, "toQuantity", 0, 1},
    FunctionRow{Function::converts_to_quantity, "convertsToQuantity", 0, 1},
    FunctionRow{Function::index_of, "indexOf", 1, 1},
    FunctionRow{Function::last_index_of, "lastIndexOf", 1, 1},
    FunctionRow{Function::substring, "substring", 1, 2},
    FunctionRow{Function::starts_with, "startsWith", 1, 1},
    FunctionRow{Function::ends_with, "endsWith", 1, 1},
    FunctionRow{Function::contains, "contains", 1, 1},
    FunctionRow{Function::upper_, "upper", 0, 0},
    FunctionRow{Function::lower_, "lower", 0, 0},
    FunctionRow{Function::replace, "replace", 2, 2},
    FunctionRow{Function::matches, "matches", 1, 2},
    FunctionRow{Function::matches_full, "matchesFull", 1, 2},
    FunctionRow{Function::replace_matches, "replaceMatches", 2, 3},
    FunctionRow{Function::length, "length", 0, 0},
    FunctionRow{Function::to_chars, "toChars", 0, 0},
    FunctionRow{Function::split, "split", 1, 1},
    FunctionRow{Function::join, "join", 0, 1},
    FunctionRow{Function::trim, "trim", 0, 0},
    FunctionRow{Function::encode, "encode", 1, 1},
    FunctionRow{Function::decode, "decode", 1, 1},
    FunctionRow{Function::escape, "escape", 1, 1},
    FunctionRow{Function::unescape, "unescape", 1, 1},
    FunctionRow{Function::abs_, "abs", 0, 0},
    FunctionRow{Function::ceiling, "ceiling", 0, 0},
    FunctionRow{Function::exp_, "exp", 0, 0},
    FunctionRow{Function::floor_, "floor", 0, 0},
    FunctionRow{Function::ln, "ln", 0, 0},
    FunctionRow{Function::log_, "log", 1, 1},
    FunctionRow{Function::power, "power", 1, 1},
    FunctionRow{Function::round_, "round", 0, 1},
    FunctionRow{Function::sqrt_, "sqrt", 0, 0},
    FunctionRow{Function::truncate, "truncate", 0, 0},
    FunctionRow{Function::children, "children", 0, 0},
    FunctionRow{Function::descendants, "descendants", 0, 0},
    FunctionRow{Function::trace, "trace", 1, 2, Arguments::per_item},
    FunctionRow{Function::now, "now", 0, 0},
    FunctionRow{Function::today, "today", 0, 0},
    FunctionRow{Function::time_of_day, "timeOfDay", 0, 0},
    FunctionRow{Function::aggregate, "aggregate", 1, 2, Arguments::per_item},
    FunctionRow{Function::sum, "sum", 0, 0},
    FunctionRow{Function::min, "min", 0, 0},
    FunctionRow{Function::max, "max", 0, 0},
    FunctionRow{Function::avg, "avg", 0, 0},
    FunctionRow{Function::define_variable, "defineVariable", 1, 2, Arguments::per_item},
    FunctionRow{Function::type, "type", 0, 0},
    FunctionRow{Function::low_boundary, "lowBoundary", 0, 1},
    FunctionRow{Function::high_boundary, "highBoundary", 0, 1},
    FunctionRow{Function::precision, "precision", 0, 0},
    FunctionRow{Function::comparable, "comparable", 1, 1},
    FunctionRow{Function::year_of, "yearOf", 0, 0},
    FunctionRow{Function::month_of, "monthOf", 0, 0},
    FunctionRow{Function::day_of, "dayOf", 0, 0},
    FunctionRow{Function::hour_of, "hourOf", 0, 0},
    FunctionRow{Function::minute_of, "minuteOf", 0, 0},
    FunctionRow{Function::second_of, "secondOf", 0, 0},
    FunctionRow{Function::millisecond_of, "millisecondOf", 0, 0},
    FunctionRow{Function::offset_of, "timezoneOffsetOf", 0, 0},
    FunctionRow{Function::date_of, "dateOf", 0, 0},
    FunctionRow{Function::time_of, "timeOf", 0, 0},
    FunctionRow{Function::extension, "extension", 1, 1},
    FunctionRow{Function::has_extension, "hasExtension", 1, 1},
    FunctionRow{Function::has_value, "hasValue", 0, 0},
    FunctionRow{Function::get_value, "getValue", 0, 0},
    FunctionRow{Function::resolve, "resolve", 0, 0},
    FunctionRow{Function::conforms_to, "conformsTo", 1, 1},
    FunctionRow{Function::member_of, "memberOf", 1, 1},
    FunctionRow{Function::subsumes, "subsumes", 1, 1},
    FunctionRow{Function::subsumed_by, "subsumedBy", 1, 1},
    FunctionRow{Function::html_checks, "htmlChecks", 0, 0},
    FunctionRow{Function::element_definition, "elementDefinition", 0, 0},
    FunctionRow{Function::slice, "slice", 2, 2},
    FunctionRow{Function::check_modifiers, "checkModifiers", 0, 8},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].id) != i) return false;
  }
  return true;
}
static_assert(rows.size() == static_cast<std::size_t>(Function::check_modifiers) + 1 && in_order());

}  // namespace

const FunctionRow* find_function(std::string_view name) {
  const auto row = std::ranges::find(rows, name, &FunctionRow::name);
  return row == rows.end() ? nullptr : &*row;
}

const FunctionRow& row_of(Function function) { return rows[static_cast<std::size_t>(function)]; }

std::span<const FunctionRow> all_functions() { return rows; }

}  // namespace cpis::fhir::path
