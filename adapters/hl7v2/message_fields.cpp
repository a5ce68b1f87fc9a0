#include "adapters/hl7v2/message_fields.h"

#include <algorithm>

#include "adapters/hl7v2/time_reader.h"

namespace cpis::hl7v2 {
namespace {

// More than a day's digits before any zone: a time of day was sent.
bool has_time_of_day(std::string_view text) {
  const auto digits = std::count_if(
      text.begin(),
      text.begin() + static_cast<long>(std::min(text.find_first_of("+Z"), text.size())),
      [](char c) { return c >= '0' && c <= '9'; });
  return digits > 8;
}

}  // namespace

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
  if (has_time_of_day(sent)) time.instant = read_time(sent, settings_.clocks);
  return time;
}

}  // namespace cpis::hl7v2
