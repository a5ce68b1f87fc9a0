#pragma once

#include <optional>

#include "adapters/core/field_source.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// A message as a source of field values. `message` and `settings` must outlive it. For one thread:
/// it remembers where it looked last.
class MessageFields final : public FieldSource {
 public:
  MessageFields(const Message& message, const FeedSettings& settings);

  std::size_t segments(std::string_view name) const override;
  std::size_t repetitions(const FieldAddress& field) const override;
  std::string_view text(const FieldAddress& address, std::string& room) const override;
  std::optional<SentTime> time(const FieldAddress& address) const override;

 private:
  const Segment* segment(const FieldAddress& address) const;

  const Message& message_;
  const FeedSettings& settings_;
  bool is_plain_;  // nothing in the message has to be unescaped
  mutable std::optional<Segment> looked_;
  mutable std::size_t looked_occurrence_ = 0;
  mutable std::string_view looked_name_;
};

}  // namespace cpis::hl7v2
