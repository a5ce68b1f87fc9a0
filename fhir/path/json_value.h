#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cpis::fhir::path {

/// Any JSON value with its literals as written and its members in order, for JSON Patch, which
/// works below FHIR. A plain value.
struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  static constexpr int depth_max = 128;

  Kind kind = Kind::null;
  std::string text;                ///< literal; of a string unescaped
  std::vector<std::string> names;  ///< of an object, beside `items`
  std::vector<JsonValue> items;    ///< of an array or object

  /// The member, or null.
  JsonValue* member(std::string_view name);
  const JsonValue* member(std::string_view name) const;

  /// None, with `problem` set, for what is no JSON (RFC 8259), repeats a name or is too deep.
  static std::optional<JsonValue> parse(std::string_view text, std::string& problem);
  std::string write() const;

  /// RFC 6902, 4.6: numbers by value, objects in any order.
  friend bool same_json(const JsonValue& a, const JsonValue& b);
};

}  // namespace cpis::fhir::path
