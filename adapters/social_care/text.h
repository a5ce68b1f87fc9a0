#pragma once

#include <string>
#include <string_view>

namespace cpis::social_care {

/// Without blanks (spaces, tabs, line breaks, no-break spaces) at either end.
std::string_view trimmed(std::string_view text);

/// Trimmed, with every run of blanks as one space.
std::string collapsed(std::string_view text);

/// ASCII letters in lower case; all other bytes as they are.
std::string folded(std::string_view text);

bool equal_folded(std::string_view a, std::string_view b);

/// `name` against a pattern with `*` for any run of characters; ASCII case does not matter.
bool matches(std::string_view name, std::string_view pattern);

}  // namespace cpis::social_care
