#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// An address inside a message, as settings, findings and `explain` write it:
///
///     path := segment [ "(" n ")" ] "-" field [ "(" n ")" ] [ "." component [ "." subcomponent ] ]
///
/// for example `PID-3(2).4.1` or `NK1(2)-2.1`. All numbers count from 1. A part that is left out
/// is the first one, except for `values`, which goes over all segments and repetitions that the
/// path leaves open.
struct Path {
  std::string segment;
  std::optional<std::size_t> occurrence;
  std::size_t field = 0;
  std::optional<std::size_t> repetition;
  std::optional<std::size_t> component;
  std::optional<std::size_t> subcomponent;

  /// Nothing when the text is not a path, or a number is 0 or over 9999.
  static std::optional<Path> parse(std::string_view text);
  friend bool operator==(const Path&, const Path&) = default;
};

std::string to_text(const Path& path);

/// The value at a path, unescaped UTF-8; empty when it is absent or `""`.
std::string value(const Message& message, const Path& path);

/// Every non-empty value that the path reaches, in message order.
std::vector<std::string> values(const Message& message, const Path& path);

}  // namespace cpis::hl7v2
