#pragma once

#include "adapters/core/field_source.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// A message as a source of field values. `message` and `settings` must outlive it. For one thread:
/// it remembers where it looked last.
class MessageFields final : public FieldSource {
 public:
  MessageFields(const Message& message, const FeedSettings& settings)
      : message_{message}, settings_{settings} {}

  std::size_t segments(std::string_view name) const override;
  std::size_t repetitions(const FieldAddress& field) const override;
  std::string_view text(const FieldAddress& address, std::string& room) const override;
  std::optional<SentTime> time(const FieldAddress& address) const override;

 private:
  Repetition repetition(const FieldAddress& address) const;

  // Who asks for one part of a name asks for the others next.
  struct Looked {
    std::string_view segment;  // of the message
    std::size_t occurrence = 0;
    std::size_t field = 0;
    std::size_t number = 0;
    Repetition repetition{{}, {}};
  };
  const Message& message_;
  const FeedSettings& settings_;
  mutable Looked looked_;
};

}  // namespace cpis::hl7v2
