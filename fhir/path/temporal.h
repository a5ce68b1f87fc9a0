#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cpis::fhir::path {

/// How far a date or time is written out. Seconds carry their fraction with them.
enum class Precision : std::uint8_t { year, month, day, hour, minute, second };

/// Calendar durations, as FHIRPath keywords and as UCUM units of time.
enum class TimeUnit : std::uint8_t { year, month, week, day, hour, minute, second, millisecond };

/// `year`, `years` and so on; also nothing else: `a` and `mo` are UCUM units, see
/// `time_unit_of_ucum`.
std::optional<TimeUnit> time_unit_of_keyword(std::string_view word);
/// The calendar unit of a UCUM code that always has that length: wk, d, h, min, s, ms.
std::optional<TimeUnit> time_unit_of_ucum(std::string_view code);
/// The UCUM code of the unit: `a`, `mo`, `wk`, `d`, `h`, `min`, `s`, `ms`.
std::string_view ucum_of(TimeUnit unit);

/// A date, a dateTime or a time of day, of partial precision, with the fraction of the second as
/// written (at most nine digits are kept) and the offset as written. A plain value.
/// FHIR R4 2.24.0.1 (date, dateTime, instant, time); FHIRPath N1 4.1.6 to 4.1.8.
struct Temporal {
  enum class Kind : std::uint8_t { date, date_time, time };
  static constexpr int fraction_digits_max = 9;

  Kind kind = Kind::date;
  Precision precision = Precision::year;
  std::uint8_t month = 1;
  std::uint8_t day = 1;
  std::int16_t year = 1;
  std::uint8_t hour = 0;
  std::uint8_t minute = 0;
  std::uint8_t second = 0;
  std::uint8_t fraction_digits = 0;
  bool has_offset = false;
  bool utc_letter = false;  ///< the offset was written `Z`
  std::int16_t offset_minutes = 0;
  std::uint32_t nanoseconds = 0;

  /// `2014`, `2014-05`, `2014-05-25`.
  static std::optional<Temporal> parse_date(std::string_view text);
  /// A date, optionally with `T`, a time and an offset; `2014T` is a dateTime of year precision.
  static std::optional<Temporal> parse_date_time(std::string_view text);
  /// `14`, `14:30`, `14:30:00.000`, without the `T`.
  static std::optional<Temporal> parse_time(std::string_view text);

  /// As FHIR writes it, without `@` and, for a time, without `T`.
  std::string text() const;
  /// Digits of the value as written: 4, 6, 8, 10, 12, 14, 17; for a time 2, 4, 6, 9.
  int digit_precision() const;

  /// Component by component as far as both go; none when that does not decide, or when only one has
  /// an offset and the answer would depend on the other's. Two times, or two of date and dateTime.
  static std::optional<std::strong_ordering> compare(const Temporal& a, const Temporal& b);
  /// The same to the same precision.
  static bool equivalent(const Temporal& a, const Temporal& b);

  /// Calendar arithmetic, FHIRPath N1 6.6.7: months keep the day or fall back to the last of the
  /// month; an amount finer than the precision is first converted down to it; a time wraps around
  /// midnight. None beyond the years 1 to 9999.
  std::optional<Temporal> plus(std::int64_t amount, TimeUnit unit) const;

  /// The earliest (latest) moment this may mean, cut to `digits` (see `digit_precision`); a missing
  /// offset becomes +14:00 (-12:00). None for a number of digits that does not exist.
  std::optional<Temporal> low_boundary(int digits) const;
  std::optional<Temporal> high_boundary(int digits) const;

  /// Seconds since 1970-01-01T00:00:00Z of the first instant meant; without offset as if UTC.
  std::int64_t epoch_seconds() const;
};

/// 28 to 31. Precondition: a month from 1 to 12.
int days_in_month(int year, int month);

}  // namespace cpis::fhir::path
