#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/time.h"

namespace cpis {

/// Where a value stands in a segmented message; all numbers count from 1.
struct FieldAddress {
  std::string_view segment;
  std::size_t occurrence = 1;  ///< among the segments of that name
  std::size_t field = 1;
  std::size_t repetition = 1;
  std::size_t component = 1;
  std::size_t subcomponent = 1;
};

/// A day, and the instant when a time of day was sent with it.
struct SentTime {
  Date day{};
  std::optional<Time> instant;
};

/// Values of a message by address, for mappings that must not know its encoding: an HL7 v2 message
/// on one side, tables of rules on the other. Text is UTF-8, unescaped; what is absent, null or not
/// readable is empty.
class FieldSource {
 public:
  virtual ~FieldSource() = default;

  /// How many segments have this name.
  virtual std::size_t segments(std::string_view name) const = 0;
  /// How many repetitions a field has; 0 when it is empty.
  virtual std::size_t repetitions(const FieldAddress& field) const = 0;
  /// A view of the message, or of `room` where it had to be unescaped into; nothing else is
  /// written to `room`.
  virtual std::string_view text(const FieldAddress& address, std::string& room) const = 0;
  /// The value read as a time stamp by the sender's clocks.
  virtual std::optional<SentTime> time(const FieldAddress& address) const = 0;
};

}  // namespace cpis
