#include "adapters/hl7v2/message_fields.h"

#include "adapters/hl7v2/escapes.h"
#include "adapters/hl7v2/parts.h"
#include "adapters/hl7v2/time_reader.h"

namespace cpis::hl7v2 {

namespace {

// MSH-2 names the escape character, which stands nowhere else in most messages.
std::string_view behind_separators(const Message& message) {
  const std::string_view text = message.text();
  const std::size_t end = text.find(message.delimiters().field, 4);
  return end == std::string_view::npos ? std::string_view{} : text.substr(end);
}

}  // namespace

MessageFields::MessageFields(const Message& message, const FeedSettings& settings)
    : message_{message},
      settings_{settings},
      is_plain_{stands_for_itself(behind_separators(message), message.delimiters())} {}

std::size_t MessageFields::segments(std::string_view name) const { return message_.count(name); }

const Segment* MessageFields::segment(const FieldAddress& address) const {
  if (looked_occurrence_ != address.occurrence || !same_name(looked_name_, address.segment)) {
    looked_ = message_.find(address.segment, address.occurrence);
    looked_occurrence_ = looked_ ? address.occurrence : 0;
    looked_name_ = looked_ ? looked_->name() : std::string_view{};
  }
  return looked_ ? &*looked_ : nullptr;
}

std::size_t MessageFields::repetitions(const FieldAddress& field) const {
  const Segment* const found = segment(field);
  return found == nullptr ? 0 : found->field(field.field).size();
}

std::string_view MessageFields::text(const FieldAddress& address, std::string& room) const {
  const Segment* const found = segment(address);
  if (found == nullptr) return {};
  const Field field = found->field(address.field);
  // The header's separators are no separators within it.
  if (!is_plain_ || looked_name_ == "MSH") {
    return field.repetition(address.repetition)
        .component(address.component)
        .sub(address.subcomponent, room);
  }
  const Delimiters& separators = message_.delimiters();
  std::string_view raw = part(field.raw(), separators.repetition, address.repetition);
  raw = part(raw, separators.component, address.component);
  raw = part(raw, separators.subcomponent, address.subcomponent);
  return raw == "\"\"" ? std::string_view{} : raw;
}

std::optional<SentTime> MessageFields::time(const FieldAddress& address) const {
  std::string room;
  const std::string_view sent = text(address, room);
  if (sent.empty()) return std::nullopt;
  const auto day = read_date(sent, settings_.day_first_dates);
  if (!day) return std::nullopt;
  SentTime time{*day, {}};
  const auto stated = read_stated_time(sent, settings_.clocks);
  if (stated && stated->time_of_day) time.instant = stated->at;
  return time;
}

}  // namespace cpis::hl7v2
