#include "adapters/hl7v2/message_fields.h"

#include "adapters/hl7v2/time_reader.h"

namespace cpis::hl7v2 {

std::size_t MessageFields::segments(std::string_view name) const { return message_.count(name); }

std::size_t MessageFields::repetitions(const FieldAddress& field) const {
  const auto segment = message_.find(field.segment, field.occurrence);
  return segment ? segment->field(field.field).size() : 0;
}

std::string MessageFields::text(const FieldAddress& address) const {
  const auto segment = message_.find(address.segment, address.occurrence);
  if (!segment) return {};
  return segment->field(address.field)
      .repetition(address.repetition)
      .component(address.component)
      .sub(address.subcomponent);
}

std::optional<SentTime> MessageFields::time(const FieldAddress& address) const {
  const std::string sent = text(address);
  const auto day = read_date(sent, settings_.day_first_dates);
  if (!day) return std::nullopt;
  SentTime time{*day, {}};
  const auto stated = read_stated_time(sent, settings_.clocks);
  if (stated && stated->time_of_day) time.instant = stated->at;
  return time;
}

}  // namespace cpis::hl7v2
