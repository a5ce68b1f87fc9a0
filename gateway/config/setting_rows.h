#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cpis::config {

enum class SettingType : std::uint8_t { text, port, count, days, seconds, flag, choice, secret };

/// One key that the configuration file may hold. The reader, `check-config`, the commented example
/// and the reference page are all made from these rows, so they cannot disagree.
struct SettingRow {
  std::string_view key;  ///< a part `*` stands for a name the user chooses
  SettingType type;
  std::string_view fallback;  ///< value when the key is absent; empty: none
  std::string_view allowed;   ///< choices separated by `|`, or `min..max`; empty: any
  std::string_view help;      ///< one or two sentences for the operator
};

std::span<const SettingRow> setting_rows();

/// The row whose key fits, or null.
const SettingRow* find_row(std::string_view key);

/// The key that the user probably meant, or empty.
std::string_view nearest_key(std::string_view key);

/// Why the value is not acceptable for the row, with the remedy; empty when it is.
std::string refuse_value(const SettingRow& row, std::string_view value);

/// A configuration file with every key commented out at its default, and its help.
std::string example_config();

}  // namespace cpis::config
