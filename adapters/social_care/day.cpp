#include "adapters/social_care/day.h"

#include <algorithm>

namespace cpis::social_care {
namespace {

struct Parts {
  int year = 0;
  int month = 0;
  int day = 0;
};

struct Code {
  std::size_t digits_min;
  std::size_t digits_max;
  int value_max;
};

std::optional<Code> code_of(char letter) {
  switch (letter) {
    case 'Y':
      return Code{4, 4, 9999};
    case 'm':
      return Code{1, 2, 12};
    case 'd':
      return Code{1, 2, 31};
    case 'H':
      return Code{2, 2, 23};
    case 'M':
    case 'S':
      return Code{2, 2, 59};
    case 'f':
      return Code{1, 9, 999'999'999};
    default:
      return std::nullopt;
  }
}

// Takes the digits of one code from the front of `text`; -1 when they do not fit.
int take_number(std::string_view& text, const Code& code) {
  int value = 0;
  std::size_t used = 0;
  while (used < code.digits_max && used < text.size() && text[used] >= '0' && text[used] <= '9') {
    value = value * 10 + (text[used] - '0');
    ++used;
  }
  if (used < code.digits_min || value > code.value_max) return -1;
  text.remove_prefix(used);
  return value;
}

bool fits(std::string_view text, std::string_view form, Parts& parts) {
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '%') {
      if (text.empty() || text.front() != form[i]) return false;
      text.remove_prefix(1);
      continue;
    }
    const char letter = form[++i];
    const int value = take_number(text, *code_of(letter));
    if (value < 0) return false;
    if (letter == 'Y') parts.year = value;
    if (letter == 'm') parts.month = value;
    if (letter == 'd') parts.day = value;
  }
  return text.empty();
}

}  // namespace

std::optional<DateForms> DateForms::from(const std::vector<std::string>& forms) {
  for (const std::string& form : forms) {
    for (std::size_t i = 0; i < form.size(); ++i) {
      if (form[i] != '%') continue;
      if (++i == form.size() || !code_of(form[i])) return std::nullopt;
    }
    for (const std::string_view needed : {"%Y", "%m", "%d"}) {
      if (form.find(needed) == std::string::npos) return std::nullopt;
    }
  }
  DateForms result;
  result.forms_ = forms;
  return result;
}

Day DateForms::read(std::string_view text) const {
  for (const std::string& form : forms_) {
    Parts parts;
    if (!fits(text, form, parts)) continue;
    const Date date{std::chrono::year{parts.year},
                    std::chrono::month{static_cast<unsigned>(parts.month)},
                    std::chrono::day{static_cast<unsigned>(parts.day)}};
    if (date.ok() && parts.year >= 1800) return to_day(date);
  }
  return no_day;
}

}  // namespace cpis::social_care
