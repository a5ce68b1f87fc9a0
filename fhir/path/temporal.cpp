#include "fhir/path/temporal.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace cpis::fhir::path {
namespace {

constexpr std::int64_t seconds_per_day = 86400;
constexpr int offset_minutes_max = 14 * 60;
constexpr int nanosecond_digits = 9;

struct UnitName {
  std::string_view one;
  std::string_view many;
  std::string_view ucum;
};
constexpr std::array unit_names{
    UnitName{"year", "years", "a"},     UnitName{"month", "months", "mo"},
    UnitName{"week", "weeks", "wk"},    UnitName{"day", "days", "d"},
    UnitName{"hour", "hours", "h"},     UnitName{"minute", "minutes", "min"},
    UnitName{"second", "seconds", "s"}, UnitName{"millisecond", "milliseconds", "ms"},
};
static_assert(unit_names.size() == static_cast<std::size_t>(TimeUnit::millisecond) + 1);

struct Reader {
  std::string_view text;
  std::size_t at = 0;

  bool done() const { return at >= text.size(); }
  bool take(char c) {
    if (done() || text[at] != c) return false;
    ++at;
    return true;
  }
  bool digit() const { return !done() && text[at] >= '0' && text[at] <= '9'; }
  std::optional<int> number(std::size_t digits, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at) {
      if (!digit()) return std::nullopt;
      value = value * 10 + (text[at] - '0');
    }
    if (value < low || value > high) return std::nullopt;
    return value;
  }
};

bool read_date_part(Reader& in, Temporal& to) {
  const auto year = in.number(4, 1, 9999);
  if (!year) return false;
  to.year = static_cast<std::int16_t>(*year);
  to.precision = Precision::year;
  if (!in.take('-')) return true;
  const auto month = in.number(2, 1, 12);
  if (!month) return false;
  to.month = static_cast<std::uint8_t>(*month);
  to.precision = Precision::month;
  if (!in.take('-')) return true;
  const auto day = in.number(2, 1, days_in_month(*year, *month));
  if (!day) return false;
  to.day = static_cast<std::uint8_t>(*day);
  to.precision = Precision::day;
  return true;
}

bool read_fraction(Reader& in, Temporal& to) {
  if (!in.digit()) return false;
  int digits = 0;
  for (; in.digit(); ++in.at) {
    if (digits == Temporal::fraction_digits_max) continue;
    to.nanoseconds = to.nanoseconds * 10 + static_cast<unsigned>(in.text[in.at] - '0');
    ++digits;
  }
  to.fraction_digits = static_cast<std::uint8_t>(digits);
  for (; digits < nanosecond_digits; ++digits) to.nanoseconds *= 10;
  return true;
}

bool read_time_part(Reader& in, Temporal& to) {
  constexpr int leap_second = 60;
  const auto hour = in.number(2, 0, 23);
  if (!hour) return false;
  to.hour = static_cast<std::uint8_t>(*hour);
  to.precision = Precision::hour;
  if (!in.take(':')) return true;
  const auto minute = in.number(2, 0, 59);
  if (!minute) return false;
  to.minute = static_cast<std::uint8_t>(*minute);
  to.precision = Precision::minute;
  if (!in.take(':')) return true;
  const auto second = in.number(2, 0, leap_second);
  if (!second) return false;
  to.second = static_cast<std::uint8_t>(*second);
  to.precision = Precision::second;
  return !in.take('.') || read_fraction(in, to);
}

bool read_offset(Reader& in, Temporal& to) {
  if (in.done()) return true;
  to.has_offset = true;
  if (in.take('Z')) {
    to.utc_letter = true;
    return true;
  }
  const bool negative = in.take('-');
  if (!negative && !in.take('+')) return false;
  const auto hours = in.number(2, 0, 14);
  if (!hours || !in.take(':')) return false;
  const auto minutes = in.number(2, 0, 59);
  if (!minutes || *hours * 60 + *minutes > offset_minutes_max) return false;
  const int offset = *hours * 60 + *minutes;
  to.offset_minutes = static_cast<std::int16_t>(negative ? -offset : offset);
  return true;
}

void put(std::string& out, int value, int digits) {
  std::array<char, 10> text{};
  for (int i = digits; i-- > 0; value /= 10) {
    text[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  }
  out.append(text.data(), static_cast<std::size_t>(digits));
}

void put_time(std::string& out, const Temporal& t) {
  put(out, t.hour, 2);
  if (t.precision >= Precision::minute) {
    out += ':';
    put(out, t.minute, 2);
  }
  if (t.precision < Precision::second) return;
  out += ':';
  put(out, t.second, 2);
  if (t.fraction_digits == 0) return;
  out += '.';
  auto fraction = static_cast<int>(t.nanoseconds);
  for (int i = t.fraction_digits; i < nanosecond_digits; ++i) fraction /= 10;
  put(out, fraction, t.fraction_digits);
}

void put_offset(std::string& out, const Temporal& t) {
  if (!t.has_offset) return;
  if (t.utc_letter) {
    out += 'Z';
    return;
  }
  const int size = t.offset_minutes < 0 ? -t.offset_minutes : t.offset_minutes;
  out += t.offset_minutes < 0 ? '-' : '+';
  put(out, size / 60, 2);
  out += ':';
  put(out, size % 60, 2);
}

std::int64_t days_since_epoch(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

std::int64_t local_seconds(const Temporal& t) {
  const std::int64_t clock = t.hour * 3600 + t.minute * 60 + t.second;
  if (t.kind == Temporal::Kind::time) return clock;
  return days_since_epoch(t.year, t.month, t.day) * seconds_per_day + clock;
}

bool set_local(Temporal& t, std::int64_t seconds) {
  std::int64_t days = seconds / seconds_per_day;
  std::int64_t clock = seconds % seconds_per_day;
  if (clock < 0) {
    clock += seconds_per_day;
    --days;
  }
  t.hour = static_cast<std::uint8_t>(clock / 3600);
  t.minute = static_cast<std::uint8_t>(clock / 60 % 60);
  t.second = static_cast<std::uint8_t>(clock % 60);
  if (t.kind == Temporal::Kind::time) return true;
  constexpr std::int64_t days_max = 4'000'000;
  if (days < -days_max || days > days_max) return false;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const int year = static_cast<int>(date.year());
  if (year < 1 || year > 9999) return false;
  t.year = static_cast<std::int16_t>(year);
  t.month = static_cast<std::uint8_t>(static_cast<unsigned>(date.month()));
  t.day = static_cast<std::uint8_t>(static_cast<unsigned>(date.day()));
  return true;
}

Temporal in_utc(Temporal t) {
  if (!t.has_offset) return t;
  set_local(t, local_seconds(t) - t.offset_minutes * std::int64_t{60});
  return t;
}

int component(const Temporal& t, Precision level) {
  switch (level) {
    case Precision::year:
      return t.year;
    case Precision::month:
      return t.month;
    case Precision::day:
      return t.day;
    case Precision::hour:
      return t.hour;
    case Precision::minute:
      return t.minute;
    case Precision::second:
      return t.second;
  }
  return 0;
}

std::optional<std::strong_ordering> compare_components(const Temporal& a, const Temporal& b) {
  const auto common = std::min(a.precision, b.precision);
  const auto first = a.kind == Temporal::Kind::time ? Precision::hour : Precision::year;
  for (auto level = first; level <= common;
       level = static_cast<Precision>(static_cast<int>(level) + 1)) {
    const auto order = component(a, level) <=> component(b, level);
    if (order != 0) return order;
  }
  if (a.precision != b.precision) return std::nullopt;
  return a.precision == Precision::second ? a.nanoseconds <=> b.nanoseconds
                                          : std::strong_ordering::equal;
}

// A value without offset may be anywhere between +14:00 and -12:00.
std::optional<std::strong_ordering> compare_uncertain(const Temporal& with,
                                                      const Temporal& without) {
  constexpr std::int64_t latest = 12 * 3600;
  constexpr std::int64_t earliest = -14 * 3600;
  const std::int64_t difference = with.epoch_seconds() - local_seconds(without);
  if (difference > latest) return std::strong_ordering::greater;
  if (difference < earliest) return std::strong_ordering::less;
  return std::nullopt;
}

bool add_months(Temporal& t, std::int64_t amount) {
  constexpr std::int64_t months_max = 12 * 10000;
  if (amount > months_max || amount < -months_max) return false;
  const std::int64_t months = t.year * 12 + (t.month - 1) + amount;
  if (months < 12 || months >= months_max) return false;
  t.year = static_cast<std::int16_t>(months / 12);
  t.month = static_cast<std::uint8_t>(months % 12 + 1);
  t.day = std::min(t.day, static_cast<std::uint8_t>(days_in_month(t.year, t.month)));
  return true;
}

bool add_seconds(Temporal& t, std::int64_t amount, std::int64_t seconds_each) {
  constexpr std::int64_t amount_max = std::int64_t{400} * 1000 * 1000 * 1000;
  if (amount > amount_max || amount < -amount_max) return false;
  return set_local(t, local_seconds(t) + amount * seconds_each);
}

bool add_milliseconds(Temporal& t, std::int64_t amount) {
  constexpr std::int64_t nanos_each = 1'000'000;
  constexpr std::int64_t nanos_per_second = 1'000'000'000;
  const std::int64_t nanos = t.nanoseconds + amount % 1000 * nanos_each;
  std::int64_t carry = nanos / nanos_per_second;
  std::int64_t rest = nanos % nanos_per_second;
  if (rest < 0) {
    rest += nanos_per_second;
    --carry;
  }
  t.nanoseconds = static_cast<std::uint32_t>(rest);
  if (rest != 0) t.fraction_digits = std::max<std::uint8_t>(t.fraction_digits, 3);
  return add_seconds(t, amount / 1000 + carry, 1);
}

struct Step {
  TimeUnit coarser;
  std::int64_t parts;
};
// FHIRPath N1 6.6.7: what an amount becomes when the value is less precise than the unit.
constexpr Step coarser(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::millisecond:
      return {TimeUnit::second, 1000};
    case TimeUnit::second:
      return {TimeUnit::minute, 60};
    case TimeUnit::minute:
      return {TimeUnit::hour, 60};
    case TimeUnit::hour:
      return {TimeUnit::day, 24};
    case TimeUnit::week:
      return {TimeUnit::day, 1};
    case TimeUnit::day:
      return {TimeUnit::month, 30};
    case TimeUnit::month:
      return {TimeUnit::year, 12};
    case TimeUnit::year:
      break;
  }
  return {TimeUnit::year, 1};
}

Precision needed(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::year:
      return Precision::year;
    case TimeUnit::month:
      return Precision::month;
    case TimeUnit::week:
    case TimeUnit::day:
      return Precision::day;
    case TimeUnit::hour:
      return Precision::hour;
    case TimeUnit::minute:
      return Precision::minute;
    case TimeUnit::second:
    case TimeUnit::millisecond:
      break;
  }
  return Precision::second;
}

// Cuts a full dateTime or time to the wanted digits.
std::optional<Temporal> cut(Temporal t, int digits) {
  const bool time = t.kind == Temporal::Kind::time;
  switch (time ? digits + 8 : digits) {
    case 4:
      t.precision = Precision::year;
      break;
    case 6:
      t.precision = Precision::month;
      break;
    case 8:
      t.precision = Precision::day;
      break;
    case 10:
      t.precision = Precision::hour;
      break;
    case 12:
      t.precision = Precision::minute;
      break;
    case 14:
      t.precision = Precision::second;
      break;
    case 17:
      t.precision = Precision::second;
      break;
    default:
      return std::nullopt;
  }
  if (time && digits < 2) return std::nullopt;
  const bool milliseconds = digits == (time ? 9 : 17);
  t.fraction_digits = milliseconds ? 3 : 0;
  t.nanoseconds = milliseconds ? t.nanoseconds / 1'000'000 * 1'000'000 : 0;
  if (t.precision < Precision::minute) t.has_offset = false;
  return t;
}

Temporal filled(Temporal t, bool high) {
  const auto missing = [&](Precision level) { return t.precision < level; };
  if (t.kind != Temporal::Kind::time) {
    if (missing(Precision::month)) t.month = high ? 12 : 1;
    if (missing(Precision::day)) {
      t.day = static_cast<std::uint8_t>(high ? days_in_month(t.year, t.month) : 1);
    }
  }
  if (missing(Precision::hour)) t.hour = high ? 23 : 0;
  if (missing(Precision::minute)) t.minute = high ? 59 : 0;
  if (missing(Precision::second)) t.second = high ? 59 : 0;
  if (high) {
    std::uint32_t unit = 1;
    for (int i = t.fraction_digits; i < nanosecond_digits; ++i) unit *= 10;
    t.nanoseconds += unit - 1;
  }
  if (t.kind == Temporal::Kind::date_time && !t.has_offset) {
    t.has_offset = true;
    t.offset_minutes = static_cast<std::int16_t>(high ? -12 * 60 : 14 * 60);
  }
  return t;
}

}  // namespace

int days_in_month(int year, int month) {
  const std::chrono::year_month_day_last last{
      std::chrono::year{year},
      std::chrono::month_day_last{std::chrono::month{static_cast<unsigned>(month)}}};
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

std::optional<TimeUnit> time_unit_of_keyword(std::string_view word) {
  for (std::size_t i = 0; i < unit_names.size(); ++i) {
    if (word == unit_names[i].one || word == unit_names[i].many) return static_cast<TimeUnit>(i);
  }
  return std::nullopt;
}

std::optional<TimeUnit> time_unit_of_ucum(std::string_view code) {
  for (auto i = static_cast<std::size_t>(TimeUnit::week); i < unit_names.size(); ++i) {
    if (code == unit_names[i].ucum) return static_cast<TimeUnit>(i);
  }
  return std::nullopt;
}

std::string_view ucum_of(TimeUnit unit) { return unit_names[static_cast<std::size_t>(unit)].ucum; }

std::optional<Temporal> Temporal::parse_date(std::string_view text) {
  Temporal t;
  Reader in{text};
  if (!read_date_part(in, t) || !in.done()) return std::nullopt;
  return t;
}

std::optional<Temporal> Temporal::parse_date_time(std::string_view text) {
  Temporal t;
  t.kind = Kind::date_time;
  Reader in{text};
  if (!read_date_part(in, t)) return std::nullopt;
  if (in.done()) return t;
  if (!in.take('T')) return std::nullopt;
  if (in.done()) return t;
  if (t.precision != Precision::day) return std::nullopt;
  if (!read_time_part(in, t) || !read_offset(in, t) || !in.done()) return std::nullopt;
  return t;
}

std::optional<Temporal> Temporal::parse_time(std::string_view text) {
  Temporal t;
  t.kind = Kind::time;
  Reader in{text};
  if (!read_time_part(in, t) || !in.done()) return std::nullopt;
  return t;
}

std::string Temporal::text() const {
  std::string out;
  if (kind == Kind::time) {
    put_time(out, *this);
    return out;
  }
  put(out, year, 4);
  if (precision >= Precision::month) {
    out += '-';
    put(out, month, 2);
  }
  if (precision >= Precision::day) {
    out += '-';
    put(out, day, 2);
  }
  if (precision >= Precision::hour) {
    out += 'T';
    put_time(out, *this);
    put_offset(out, *this);
  }
  return out;
}

int Temporal::digit_precision() const {
  constexpr int year_digits = 4;
  int digits = year_digits + 2 * static_cast<int>(precision) + fraction_digits;
  if (kind == Kind::time) digits -= year_digits + 4;
  return digits;
}

std::optional<std::strong_ordering> Temporal::compare(const Temporal& a, const Temporal& b) {
  const bool both_timed = a.precision >= Precision::hour && b.precision >= Precision::hour;
  if (a.kind == Kind::time || !both_timed || a.has_offset == b.has_offset) {
    const bool shift = both_timed && a.has_offset && b.has_offset;
    return compare_components(shift ? in_utc(a) : a, shift ? in_utc(b) : b);
  }
  if (a.has_offset) return compare_uncertain(a, b);
  const auto order = compare_uncertain(b, a);
  if (!order) return std::nullopt;
  return 0 <=> *order;
}

bool Temporal::equivalent(const Temporal& a, const Temporal& b) {
  if ((a.kind == Kind::time) != (b.kind == Kind::time)) return false;
  const auto order = compare(a, b);
  return order && *order == 0;
}

std::optional<Temporal> Temporal::plus(std::int64_t amount, TimeUnit unit) const {
  if (unit == TimeUnit::week) {
    constexpr std::int64_t weeks_max = 1'000'000;
    if (amount > weeks_max || amount < -weeks_max) return std::nullopt;
    return plus(amount * 7, TimeUnit::day);
  }
  if (kind == Kind::time && unit < TimeUnit::hour) return std::nullopt;
  while (needed(unit) > precision) {
    if (kind == Kind::time && unit == TimeUnit::hour) break;
    const Step step = coarser(unit);
    amount /= step.parts;
    unit = step.coarser;
  }
  Temporal t = *this;
  bool good = false;
  switch (unit) {
    case TimeUnit::year:
      good = amount < 10000 && amount > -10000 && add_months(t, amount * 12);
      break;
    case TimeUnit::month:
      good = add_months(t, amount);
      break;
    case TimeUnit::day:
      good = add_seconds(t, amount, seconds_per_day);
      break;
    case TimeUnit::hour:
      good = add_seconds(t, amount, 3600);
      break;
    case TimeUnit::minute:
      good = add_seconds(t, amount, 60);
      break;
    case TimeUnit::second:
      good = add_seconds(t, amount, 1);
      break;
    case TimeUnit::millisecond:
      good = add_milliseconds(t, amount);
      break;
    case TimeUnit::week:
      break;
  }
  return good ? std::optional{t} : std::nullopt;
}

std::optional<Temporal> Temporal::low_boundary(int digits) const {
  return cut(filled(*this, false), digits);
}

std::optional<Temporal> Temporal::high_boundary(int digits) const {
  return cut(filled(*this, true), digits);
}

std::int64_t Temporal::epoch_seconds() const {
  return local_seconds(*this) - (has_offset ? offset_minutes * std::int64_t{60} : 0);
}

}  // namespace cpis::fhir::path
