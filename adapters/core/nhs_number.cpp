#include "adapters/core/nhs_number.h"

#include <algorithm>
#include <cstddef>

namespace cpis {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Data Dictionary, NHS NUMBER: weights 10 down to 2, check digit 11 minus the remainder; a check
// value of 10 is never issued and 11 stands for 0.
bool check_digit_is_right(const std::array<char, 10>& digits) {
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * static_cast<int>(10 - i);
  const int check = (11 - sum % 11) % 11;
  return check != 10 && check == digits[9] - '0';
}

// The length of the separator at the front of `text`: a hyphen, a space or U+00A0; 0 if none.
std::size_t separator_length(std::string_view text) {
  if (text.starts_with(' ') || text.starts_with('-')) return 1;
  return text.starts_with("\xC2\xA0") ? 2 : 0;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<NhsNumber> NhsNumber::parse(std::string_view text) {
  text = trim(text);
  std::array<char, 10> digits{};
  std::size_t count = 0;
  while (!text.empty()) {
    if (const std::size_t skip = separator_length(text); skip != 0) {
      text.remove_prefix(skip);
      // Separators stand between digits, one at a time.
      if (count == 0 || text.empty() || !is_digit(text.front())) return std::nullopt;
    }
    if (!is_digit(text.front()) || count == digits.size()) return std::nullopt;
    digits[count++] = text.front();
    text.remove_prefix(1);
  }
  if (count != digits.size() || !check_digit_is_right(digits)) return std::nullopt;
  if (std::all_of(digits.begin(), digits.end(), [&](char c) { return c == digits[0]; })) {
    return std::nullopt;
  }
  return NhsNumber{digits};
}

std::uint64_t NhsNumber::value() const {
  std::uint64_t value = 0;
  for (const char c : digits_) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

std::optional<NhsNumber> NhsNumber::from_value(std::uint64_t value) {
  if (value > 9'999'999'999ULL) return std::nullopt;
  std::array<char, 10> digits{};
  for (std::size_t i = 10; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  if (!check_digit_is_right(digits)) return std::nullopt;
  return NhsNumber{digits};
}

}  // namespace cpis
