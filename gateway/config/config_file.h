#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"

namespace cpis::config {

/// One `key = value` of the configuration file.
struct Entry {
  std::string key;
  std::string value;
  std::size_t line = 0;
};

/// The configuration file as text: one `key = value` a line, `#` starts a comment at the start of a
/// line or after a blank, values may be quoted to keep blanks or `#`. Keys are dotted, lower case;
/// a part may be a name the user chose (`feed.ed.port`). A key may stand once.
struct ConfigFile {
  std::vector<Entry> entries;

  const Entry* find(std::string_view key) const;
};

inline constexpr std::size_t config_bytes_max = std::size_t{1024} * 1024;

/// Findings carry the line; with an error among them the file must not be used.
ConfigFile read_config(std::string_view text, Findings& findings);

}  // namespace cpis::config
