#include "fhir/search/values.h"

#include <array>
#include <cstddef>

#include "fhir/path/text.h"

namespace cpis::fhir::search {
namespace {

constexpr std::array<std::string_view, 9> prefixes{"eq", "ne", "gt", "lt", "ge",
                                                   "le", "sa", "eb", "ap"};

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

Prefix take_prefix(std::string_view& text) {
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    if (!text.starts_with(prefixes[i])) continue;
    text.remove_prefix(prefixes[i].size());
    return static_cast<Prefix>(i);
  }
  return Prefix::eq;
}

std::int64_t milliseconds(const path::Temporal& moment) {
  constexpr std::int64_t per_second = 1000;
  constexpr std::uint32_t nanoseconds = 1'000'000;
  return moment.epoch_seconds() * per_second + moment.nanoseconds / nanoseconds;
}

// The first moment after everything the value may mean.
std::int64_t end_of(const path::Temporal& moment) {
  using path::Precision;
  using path::TimeUnit;
  constexpr std::int64_t second = 1000;
  constexpr std::int64_t minute = 60 * second;
  constexpr std::int64_t hour = 60 * minute;
  const std::int64_t start = milliseconds(moment);
  switch (moment.precision) {
    case Precision::year:
    case Precision::month: {
      const auto unit = moment.precision == Precision::year ? TimeUnit::year : TimeUnit::month;
      const auto next = moment.plus(1, unit);
      return next ? milliseconds(*next) : TimeRange::latest;
    }
    case Precision::day:
      return start + 24 * hour;
    case Precision::hour:
      return start + hour;
    case Precision::minute:
      return start + minute;
    case Precision::second:
      break;
  }
  std::int64_t width = second;
  for (int digit = 0; digit < moment.fraction_digits && width > 1; ++digit) width /= 10;
  return start + width;
}

std::optional<Value> read_number(std::string_view text, std::string& problem) {
  Value value;
  value.prefix = take_prefix(text);
  const auto number = number_range(text);
  if (!number) {
    problem = "a number is expected";
    return std::nullopt;
  }
  value.number = *number;
  return value;
}

std::optional<Value> read_date(std::string_view text, std::string& problem) {
  Value value;
  value.prefix = take_prefix(text);
  const auto moment = path::Temporal::parse_date_time(text);
  // FHIRPath knows hours without minutes, a search does not (3.1.1.4.5).
  if (!moment || moment->precision == path::Precision::hour) {
    problem = "a date is expected: YYYY, YYYY-MM, YYYY-MM-DD or with a time";
    return std::nullopt;
  }
  value.time = range_of(*moment);
  return value;
}

std::optional<Value> read_quantity(std::string_view text, std::string& problem) {
  const auto parts = split_escaped(text, '|');
  auto value = read_number(parts[0], problem);
  if (!value) return std::nullopt;
  if (parts.size() == 2 || parts.size() > 3) {
    problem = "a quantity is NUMBER or NUMBER|SYSTEM|CODE";
    return std::nullopt;
  }
  if (parts.size() == 3) {
    value->system = unescaped(parts[1]);
    value->system_given = !value->system.empty();
    value->text = unescaped(parts[2]);
  }
  return value;
}

std::optional<Value> read_token(std::string_view text, std::string& problem) {
  Value value;
  const auto parts = split_escaped(text, '|');
  if (parts.size() > 3) {
    problem = "a token is CODE or SYSTEM|CODE";
    return std::nullopt;
  }
  if (parts.size() == 3) value.type_code = unescaped(parts[1]);
  value.system_given = parts.size() > 1;
  if (value.system_given) value.system = unescaped(parts[0]);
  value.text = unescaped(parts.back());
  if (value.text.empty() && value.system.empty()) {
    problem = "a token is CODE or SYSTEM|CODE";
    return std::nullopt;
  }
  return value;
}

// Base letters of U+00C0 to U+017F; a blank keeps the character.
constexpr std::string_view base_letters =
    "aaaaaa ceeeeiiii nooooo ouuuuy  aaaaaa ceeeeiiii nooooo ouuuuy y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkk llllll "
    " llnnnnnn   oooooo  rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

}  // namespace

TimeRange range_of(const path::Temporal& moment) { return {milliseconds(moment), end_of(moment)}; }

std::optional<NumberRange> number_range(std::string_view text) {
  const auto number = path::Decimal::parse(text);
  if (!number) return std::nullopt;
  const path::Decimal half{path::Int128{5}, number->scale() + 1};
  const auto from = path::Decimal::subtract(*number, half);
  const auto to = path::Decimal::add(*number, half);
  if (!from || !to) return std::nullopt;
  return NumberRange{*number, *from, *to};
}

ReferenceKey reference_key(std::string_view text, std::string_view own_base) {
  ReferenceKey key;
  if (!own_base.empty() && text.starts_with(own_base)) {
    std::string_view rest = text.substr(own_base.size());
    if (own_base.back() == '/' || rest.starts_with('/')) {
      if (rest.starts_with('/')) rest.remove_prefix(1);
      text = rest;
    }
  }
  if (const auto bar = text.rfind('|'); bar != std::string_view::npos) {
    key.version = text.substr(bar + 1);
    text = text.substr(0, bar);
  }
  if (const auto history = text.find("/_history/"); history != std::string_view::npos) {
    key.version = text.substr(history + std::string_view{"/_history/"}.size());
    text = text.substr(0, history);
  }
  const bool absolute = text.find(':') != std::string_view::npos;
  if (absolute) key.url = text;
  if (text.starts_with("urn:")) return key;
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) {
    if (!absolute) key.id = text;
    return key;
  }
  std::string_view type = text.substr(0, slash);
  type = type.substr(type.rfind('/') == std::string_view::npos ? 0 : type.rfind('/') + 1);
  key.id = text.substr(slash + 1);
  if (!type.empty() && type.front() >= 'A' && type.front() <= 'Z') key.type = type;
  return key;
}

std::optional<Value> read_value(SearchType type, std::string_view text, std::string_view own_base,
                                std::string& problem) {
  if (text.empty()) {
    problem = "a value is missing";
    return std::nullopt;
  }
  switch (type) {
    case SearchType::number:
      return read_number(text, problem);
    case SearchType::date:
      return read_date(text, problem);
    case SearchType::quantity:
      return read_quantity(text, problem);
    case SearchType::token:
      return read_token(text, problem);
    case SearchType::reference: {
      Value value;
      value.text = unescaped(text);
      value.reference = reference_key(value.text, own_base);
      return value;
    }
    case SearchType::string:
    case SearchType::uri: {
      Value value;
      value.text = unescaped(text);
      return value;
    }
    case SearchType::composite:
    case SearchType::special:
      break;
  }
  problem = "this kind of parameter is not supported";
  return std::nullopt;
}

std::vector<std::string_view> split_escaped(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == separator) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::string folded(std::string_view text) {
  constexpr std::uint32_t first = 0xC0;
  std::string out;
  const std::string small = path::lower(text);
  for (std::size_t i = 0; i < small.size(); ++i) {
    const auto lead = static_cast<unsigned char>(small[i]);
    const bool two_bytes = lead >= 0xC3 && lead <= 0xC5 && i + 1 < small.size();
    if (!two_bytes) {
      out += small[i];
      continue;
    }
    const std::uint32_t code =
        ((lead & 0x1FU) << 6U) | (static_cast<unsigned char>(small[i + 1]) & 0x3FU);
    const std::size_t place = code - first;
    if (place < base_letters.size() && is_letter(base_letters[place])) {
      out += base_letters[place];
    } else {
      out.append(small, i, 2);
    }
    ++i;
  }
  return out;
}

}  // namespace cpis::fhir::search
