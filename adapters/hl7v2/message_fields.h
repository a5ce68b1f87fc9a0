#pragma once

#include "adapters/core/field_source.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// A message as a source of field values. `message` and `settings` must outlive it.
class MessageFields final : public FieldSource {
 public:
  MessageFields(const Message& message, const FeedSettings& settings)
      : message_{message}, settings_{settings} {}

  std::size_t segments(std::string_view name) const override;
  std::size_t repetitions(const FieldAddress& field) const override;
  std::string text(const FieldAddress& address) const override;
  std::optional<SentTime> time(const FieldAddress& address) const override;

 private:
  const Message& message_;
  const FeedSettings& settings_;
};

}  // namespace cpis::hl7v2
