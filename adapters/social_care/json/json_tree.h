#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"

namespace cpis::social_care {

inline constexpr std::size_t json_depth_max = 24;

/// A JSON value that knows the line it came from. Numbers keep their text in `text`.
struct JsonNode {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  bool truth = false;
  std::string text;
  std::size_t line = 0;         ///< 1-based; of the value's end for strings, of its start otherwise
  std::vector<JsonNode> items;  ///< of an array, or the values of an object
  std::vector<std::string> names;  ///< of an object: the name of each of `items`

  /// The member, or nullptr.
  const JsonNode* find(std::string_view name) const;
  /// The text of a string member; empty when it is missing or no string.
  std::string_view text_of(std::string_view name) const;
};

/// Reads one JSON document. Refused, with the line: anything that is not strict JSON in UTF-8,
/// nesting deeper than `json_depth_max`, more than `nodes_max` values, a repeated member name.
Result<JsonNode> read_json(std::string_view text, std::size_t nodes_max);

/// The text as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace cpis::social_care
