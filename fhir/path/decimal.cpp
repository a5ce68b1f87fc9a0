#include "fhir/path/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>

namespace cpis::fhir::path {
namespace {

constexpr UInt128 limit() {
  UInt128 power = 1;
  for (int i = 0; i < Decimal::digits_max; ++i) power *= 10;
  return power;
}
constexpr UInt128 unscaled_end = limit();

constexpr auto powers = [] {
  std::array<UInt128, Decimal::digits_max + 1> all{};
  UInt128 power = 1;
  for (auto& each : all) {
    each = power;
    power *= 10;
  }
  return all;
}();

UInt128 power_of_ten(int exponent) { return powers[static_cast<std::size_t>(exponent)]; }

UInt128 magnitude(Int128 value) {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

int digit_count(UInt128 value) {
  int count = 0;
  while (count < Decimal::digits_max && value >= power_of_ten(count)) ++count;
  return count;
}

Decimal signed_decimal(UInt128 value, bool negative, int scale) {
  const auto digits = static_cast<Int128>(value);
  return {negative ? -digits : digits, scale};
}

std::optional<UInt128> shifted(UInt128 value, int exponent) {
  if (value == 0) return value;
  if (exponent > Decimal::digits_max - digit_count(value)) return std::nullopt;
  return value * power_of_ten(exponent);
}

UInt128 divide_half_up(UInt128 value, int exponent) {
  if (exponent > Decimal::digits_max) return 0;
  const UInt128 power = power_of_ten(exponent);
  return value / power + (value % power >= power / 2 && exponent > 0 ? 1U : 0U);
}

// Brings both to one scale; where the finer one does not fit, it loses its last digits.
std::optional<int> align(Int128& a, int scale_a, Int128& b, int scale_b) {
  if (scale_a > scale_b) return align(b, scale_b, a, scale_a);
  const UInt128 size = magnitude(a);
  const int room = a == 0 ? scale_b - scale_a : Decimal::digits_max - digit_count(size);
  const int up = std::min(scale_b - scale_a, room);
  const int down = scale_b - scale_a - up;
  if (a != 0) {
    const auto scaled = static_cast<Int128>(size * power_of_ten(up));
    a = a < 0 ? -scaled : scaled;
  }
  if (down > 0) {
    const auto cut = static_cast<Int128>(divide_half_up(magnitude(b), down));
    b = b < 0 ? -cut : cut;
  }
  return scale_a + up;
}

// Schoolbook product in groups of nine digits, for products beyond 38 digits.
std::optional<Decimal> long_product(UInt128 a, UInt128 b, bool negative, int scale) {
  constexpr std::uint64_t base = 1'000'000'000;
  constexpr std::size_t groups = 5;
  std::array<std::uint64_t, groups> left{};
  std::array<std::uint64_t, groups> right{};
  for (std::size_t i = 0; i < groups; ++i, a /= base, b /= base) {
    left[i] = static_cast<std::uint64_t>(a % base);
    right[i] = static_cast<std::uint64_t>(b % base);
  }
  std::array<std::uint64_t, 2 * groups> product{};
  for (std::size_t i = 0; i < groups; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < groups; ++j) {
      const std::uint64_t sum = product[i + j] + left[i] * right[j] + carry;
      product[i + j] = sum % base;
      carry = sum / base;
    }
    product[i + groups] += carry;
  }
  UInt128 kept = 0;
  int dropped = 0;
  bool up = false;
  for (std::size_t i = product.size(); i-- > 0;) {
    for (std::uint64_t unit = base / 10; unit > 0; unit /= 10) {
      const auto digit = static_cast<unsigned>(product[i] / unit % 10);
      if (dropped == 0 && kept < unscaled_end / 10) {
        kept = kept * 10 + digit;
        continue;
      }
      if (dropped == 0) up = digit >= 5;
      ++dropped;
    }
  }
  if (up && ++kept == unscaled_end) {
    kept /= 10;
    ++dropped;
  }
  return signed_decimal(kept, negative, scale - dropped);
}

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
};

std::optional<int> read_exponent(Reader& in) {
  if (!in.take('e') && !in.take('E')) return 0;
  const bool negative = in.take('-');
  if (!negative) in.take('+');
  if (!in.digit()) return std::nullopt;
  int exponent = 0;
  for (; in.digit(); ++in.at) {
    exponent = exponent * 10 + (in.text[in.at] - '0');
    if (exponent > Decimal::exponent_max) return std::nullopt;
  }
  return negative ? -exponent : exponent;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  Reader in{text};
  const bool negative = in.take('-');
  if (!negative) in.take('+');
  if (!in.digit()) return std::nullopt;
  UInt128 value = 0;
  int scale = 0;
  bool behind_point = false;
  for (; in.digit() || (!behind_point && !in.done() && text[in.at] == '.'); ++in.at) {
    if (text[in.at] == '.') {
      behind_point = true;
      continue;
    }
    if (value >= unscaled_end / 10) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[in.at] - '0');
    scale += behind_point ? 1 : 0;
  }
  if (behind_point && scale == 0) return std::nullopt;
  const auto exponent = read_exponent(in);
  if (!exponent || !in.done()) return std::nullopt;
  scale -= *exponent;
  if (scale < 0) {
    if (const auto whole = shifted(value, -scale)) return signed_decimal(*whole, negative, 0);
  }
  return signed_decimal(value, negative, scale);
}

std::optional<Decimal> Decimal::from_real(long double value) {
  if (!std::isfinite(value)) return std::nullopt;
  std::array<char, 64> text{};
  constexpr int digits_behind_first = 16;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::scientific, digits_behind_first);
  const auto read = parse({text.data(), static_cast<std::size_t>(end.ptr - text.data())});
  return read ? std::optional{read->reduced()} : std::nullopt;
}

bool Decimal::whole() const { return scale_ <= 0 || truncated() == *this; }

Decimal Decimal::reduced() const {
  Decimal less = *this;
  while (less.scale_ > 0 && less.digits_ % 10 == 0) {
    less.digits_ /= 10;
    --less.scale_;
  }
  return less;
}

std::optional<Decimal> Decimal::rounded(int scale) const {
  const UInt128 size = magnitude(digits_);
  if (scale <= scale_)
    return signed_decimal(divide_half_up(size, scale_ - scale), digits_ < 0, scale);
  const auto more = shifted(size, scale - scale_);
  if (!more) return std::nullopt;
  return signed_decimal(*more, digits_ < 0, scale);
}

Decimal Decimal::truncated(int scale) const {
  if (scale >= scale_) return *this;
  const int drop = scale_ - scale;
  if (drop > digits_max) return {0, scale};
  return {digits_ / static_cast<Int128>(power_of_ten(drop)), scale};
}

Decimal Decimal::floor() const {
  const Decimal cut = truncated();
  if (!negative() || cut == *this) return cut;
  return {cut.digits_ - 1, cut.scale_};
}

Decimal Decimal::ceiling() const {
  const Decimal cut = truncated();
  if (negative() || cut == *this) return cut;
  return {cut.digits_ + 1, cut.scale_};
}

std::optional<std::int64_t> Decimal::to_integer() const {
  const Decimal cut = truncated();
  const auto whole = cut.scale_ < 0 ? cut.rounded(0) : std::optional{cut};
  if (!whole || whole->digits_ > std::numeric_limits<std::int64_t>::max() ||
      whole->digits_ < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(whole->digits_);
}

long double Decimal::to_real() const {
  return static_cast<long double>(digits_) * std::pow(10.0L, static_cast<long double>(-scale_));
}

std::string Decimal::text() const {
  std::string digits;
  for (UInt128 rest = magnitude(digits_); rest > 0; rest /= 10) {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  if (digits.empty()) digits.push_back('0');
  // The digits stand in reverse until the end.
  if (scale_ < 0 && digits_ != 0) {
    std::string zeros(static_cast<std::size_t>(-scale_), '0');
    digits.swap(zeros);
    digits += zeros;
  }
  if (scale_ > 0) {
    const auto behind = static_cast<std::size_t>(scale_);
    while (digits.size() <= behind) digits.push_back('0');
    digits.insert(behind, 1, '.');
  }
  if (digits_ < 0) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<Decimal> Decimal::add(const Decimal& a, const Decimal& b) {
  Int128 left = a.digits_;
  Int128 right = b.digits_;
  const auto scale = align(left, a.scale_, right, b.scale_);
  const bool negative = left < 0;
  if (negative != (right < 0)) return Decimal{left + right, *scale};
  const UInt128 sum = magnitude(left) + magnitude(right);  // may be beyond a signed one
  if (sum < unscaled_end) return signed_decimal(sum, negative, *scale);
  return signed_decimal(divide_half_up(sum, 1), negative, *scale - 1);
}

std::optional<Decimal> Decimal::subtract(const Decimal& a, const Decimal& b) {
  return add(a, b.negated());
}

std::optional<Decimal> Decimal::multiply(const Decimal& a, const Decimal& b) {
  const UInt128 left = magnitude(a.digits_);
  const UInt128 right = magnitude(b.digits_);
  const bool negative = a.negative() != b.negative();
  const int scale = a.scale_ + b.scale_;
  if (std::abs(scale) > exponent_max) return std::nullopt;
  if (left == 0 || right == 0) return Decimal{0, std::max(scale, 0)};
  if (digit_count(left) + digit_count(right) <= digits_max) {
    return signed_decimal(left * right, negative, scale);
  }
  return long_product(left, right, negative, scale);
}

std::optional<Decimal> Decimal::divide(const Decimal& a, const Decimal& b) {
  if (b.digits_ == 0) return std::nullopt;
  UInt128 divisor = magnitude(b.digits_);
  int scale = a.scale_ - b.scale_;
  if (divisor >= unscaled_end / 10) {  // room for one more digit of the remainder
    divisor = divide_half_up(divisor, 1);
    ++scale;
  }
  UInt128 quotient = magnitude(a.digits_) / divisor;
  UInt128 rest = magnitude(a.digits_) % divisor;
  while (rest != 0 && digit_count(quotient) < quotient_digits &&
         std::abs(scale) < 2 * exponent_max) {
    rest *= 10;
    quotient = quotient * 10 + rest / divisor;
    rest %= divisor;
    ++scale;
  }
  if (rest * 2 >= divisor) ++quotient;
  const Decimal exact = signed_decimal(quotient, a.negative() != b.negative(), scale);
  if (scale >= 0) return exact.reduced();
  const auto whole = exact.rounded(0);
  return whole ? whole : std::optional{exact};
}

std::optional<Decimal> Decimal::quotient(const Decimal& a, const Decimal& b) {
  const auto whole = divide(a, b);
  if (!whole) return std::nullopt;
  // 28 digits may have been rounded up to the next whole number: correct by the remainder.
  Decimal cut = whole->truncated();
  const auto back = multiply(cut, b);
  if (back && back->absolute() > a.absolute()) {
    const auto less = add(cut, cut.negative() ? Decimal{1} : Decimal{-1});
    if (less) cut = *less;
  }
  return cut;
}

std::optional<Decimal> Decimal::remainder(const Decimal& a, const Decimal& b) {
  const auto times = quotient(a, b);
  if (!times) return std::nullopt;
  const auto part = multiply(*times, b);
  return part ? subtract(a, *part) : std::nullopt;
}

std::optional<Decimal> Decimal::root(const Decimal& a) {
  if (a.negative()) return std::nullopt;
  if (a.zero()) return a;
  auto guess = from_real(std::sqrt(a.to_real()));
  // Newton doubles the good digits: two steps from 17 exceed the 28 that are kept.
  for (int step = 0; step < 3 && guess; ++step) {
    const auto part = divide(a, *guess);
    const auto sum = part ? add(*guess, *part) : std::nullopt;
    guess = sum ? divide(*sum, Decimal{2}) : std::nullopt;
  }
  return guess ? std::optional{guess->reduced()} : std::nullopt;
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  const auto sign = [](const Decimal& d) { return d.zero() ? 0 : (d.negative() ? -1 : 1); };
  if (sign(a) != sign(b) || a.zero()) return sign(a) <=> sign(b);
  if (a.scale_ == b.scale_) return a.digits_ <=> b.digits_;
  UInt128 left = magnitude(a.digits_);
  UInt128 right = magnitude(b.digits_);
  const int whole_a = digit_count(left) - a.scale_;
  const int whole_b = digit_count(right) - b.scale_;
  const auto flip = [&](std::strong_ordering order) { return a.negative() ? 0 <=> order : order; };
  if (whole_a != whole_b) return flip(whole_a <=> whole_b);
  if (a.scale_ < b.scale_) {
    left *= power_of_ten(b.scale_ - a.scale_);
  } else {
    right *= power_of_ten(a.scale_ - b.scale_);
  }
  return flip(left <=> right);
}

}  // namespace cpis::fhir::path
