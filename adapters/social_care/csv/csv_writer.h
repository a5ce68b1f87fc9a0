#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace cpis::social_care {

/// Appends one RFC 4180 record with CRLF. A field that a spreadsheet would run as a formula
/// (beginning with = + - @ tab or CR) gets an apostrophe in front.
void append_csv(std::string& out, std::span<const std::string_view> fields);
void append_csv(std::string& out, std::initializer_list<std::string_view> fields);

}  // namespace cpis::social_care
