#include "adapters/social_care/nhs_value.h"

#include <algorithm>
#include <array>
#include <string>

#include "adapters/social_care/text.h"

namespace cpis::social_care {
namespace {

constexpr std::array<std::string_view, 9> missing_words{
    "", "null", "n/a", "na", "unknown", "not known", "none", "ssd_ph", "0000000000"};

constexpr std::array<std::string_view, 9> reason_codes{"",
                                                       "ASYLUM_NOT_REGISTERED",
                                                       "SENSITIVE",
                                                       "NEWBORN_AWAITED",
                                                       "ADOPTION_NEW_NUMBER_AWAITED",
                                                       "MOTHER_UNKNOWN",
                                                       "TRACE_NO_MATCH",
                                                       "TRACE_MULTIPLE",
                                                       "OTHER"};

std::string without_separators(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' || text[i] == '-') continue;
    if (text.substr(i, 2) == "\xC2\xA0") {
      ++i;
      continue;
    }
    out.push_back(text[i]);
  }
  return out;
}

}  // namespace

NhsValue read_nhs_value(std::string_view text, bool allow_point_zero) {
  text = trimmed(text);
  const auto is_it = [text](std::string_view word) { return equal_folded(text, word); };
  if (std::any_of(missing_words.begin(), missing_words.end(), is_it)) return {};
  std::string digits = without_separators(text);
  if (digits == "0000000000") return {};
  if (allow_point_zero && digits.ends_with(".0")) digits.resize(digits.size() - 2);
  const auto number = NhsNumber::parse(digits);
  if (!number) return {NhsState::malformed, std::nullopt};
  return {NhsState::present, number};
}

std::string_view code_of(NoNumberReason reason) {
  return reason_codes[static_cast<std::size_t>(reason)];
}

std::optional<NoNumberReason> read_no_number_reason(std::string_view text) {
  text = trimmed(text);
  for (std::size_t i = 0; i < reason_codes.size(); ++i) {
    if (equal_folded(text, reason_codes[i])) return static_cast<NoNumberReason>(i);
  }
  return std::nullopt;
}

}  // namespace cpis::social_care
