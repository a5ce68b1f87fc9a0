#include "adapters/hl7v2/message_fields.h"

#include "adapters/hl7v2/time_reader.h"

namespace cpis::hl7v2 {

std::size_t MessageFields::segments(std::string_view name) const { return message_.count(name); }

std::size_t MessageFields::repetitions(const FieldAddress& field) const {
  const auto segment = message_.find(field.segment, field.occurrence);
  return segment ? segment->field(field.field).size() : 0;
}

Repetition MessageFields::repetition(const FieldAddress& address) const {
  const bool same = looked_.field == address.field && looked_.occurrence == address.occurrence &&
                    looked_.number == address.repetition && looked_.segment == address.segment;
  if (same) return looked_.repetition;
  const auto segment = message_.find(address.segment, address.occurrence);
  if (!segment) return {{}, message_.delimiters()};
  const Repetition found = segment->field(address.field).repetition(address.repetition);
  looked_ = {segment->name(), address.occurrence, address.field, address.repetition, found};
  return found;
}

std::string_view MessageFields::text(const FieldAddress& address, std::string& room) const {
  return repetition(address).component(address.component).sub(address.subcomponent, room);
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
