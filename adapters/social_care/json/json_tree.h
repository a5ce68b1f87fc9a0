#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care {

inline constexpr std::size_t json_depth_max = 24;
inline constexpr std::size_t json_members_max = 512;
/// Of a document, or of one item of a list that is read item by item.
inline constexpr std::size_t json_bytes_max = std::size_t{4} * 1024 * 1024;

/// A JSON value that knows the line it came from. Numbers keep their text in `text`.
struct JsonNode {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  bool truth = false;
  std::string text;
  std::size_t line = 0;            ///< 1-based, where the value was complete or its bracket stands
  std::vector<JsonNode> items;     ///< of an array, or the values of an object
  std::vector<std::string> names;  ///< of an object: the name of each of `items`

  /// The member, or nullptr.
  const JsonNode* find(std::string_view name) const;
  /// The text of a string member; empty when it is missing or no string.
  std::string_view text_of(std::string_view name) const;
};

/// Reads one JSON document. Refused, with the line: anything that is not strict JSON in UTF-8,
/// nesting deeper than `json_depth_max`, more than `nodes_max` values, an object with more than
/// `json_members_max` members or with a repeated one, more than `json_bytes_max`.
Result<JsonNode> read_json(std::string_view text, std::size_t nodes_max);

/// Reads a document whose top object has a member `list` with a list of objects (or one object),
/// and gives these one by one with the members of the top object that came before; memory does not
/// grow with the list. The limits of `read_json` hold for each item.
Status read_json_list(Source& source, std::string_view list, std::size_t nodes_max,
                      const std::function<void(const JsonNode& top, const JsonNode& item)>& take);

/// The text as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace cpis::social_care
