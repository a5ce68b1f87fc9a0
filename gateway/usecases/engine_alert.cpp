#include "gateway/usecases/engine_alert.h"

#include <utility>

#include "adapters/hl7v2/understanding.h"
#include "gateway/store/inbox_store.h"

namespace cpis::usecases {

Status remember_announcement(store::Session& session, std::string_view attendance_id,
                             std::int64_t message_id) {
  const auto rows = session.execute(
      "INSERT INTO alert_address (attendance_id, message_id) VALUES (?, ?) "
      "{upsert:attendance_id} message_id = {new:message_id}",
      {attendance_id, message_id});
  if (!rows) return rows.error();
  return done;
}

Result<std::optional<AdtEvent>> find_announcement(store::Session& session,
                                                  std::string_view attendance_id,
                                                  const hl7v2::FeedSettings& reading) {
  std::optional<AdtEvent> event;
  std::int64_t message = 0;
  const Status read = session.query("SELECT message_id FROM alert_address WHERE attendance_id = ?",
                                    {attendance_id}, [&](const store::Row& row) -> Status {
                                      message = row.integer(0);
                                      return done;
                                    });
  if (!read) return read.error();
  if (message == 0) return event;
  auto item = store::InboxStore{}.find(session, message);
  if (!item) return item.error();
  if (*item) event = hl7v2::understand((*item)->body, reading).event;
  return event;
}

std::optional<std::string> engine_message(AdtEvent arrival, AlertKind kind,
                                          const ProtectionRecord* record,
                                          const std::optional<NhsNumber>& person,
                                          hl7v2::AlertMessageSettings writing,
                                          std::string_view control_id, Time now) {
  if (person) arrival.patient.nhs_number = person;
  // A message that names nobody helps nobody.
  if (!arrival.patient.nhs_number && arrival.patient.local_ids.empty()) return std::nullopt;
  if (!arrival.processing_id.empty()) writing.processing_id = arrival.processing_id;
  if (kind == AlertKind::record_held) {
    if (record == nullptr) return std::nullopt;
    return hl7v2::write_alert(arrival, *record, writing, control_id, now);
  }
  const CouldNotAsk not_asked{{ErrorKind::unavailable, ""}, false};
  return hl7v2::write_alert(arrival, not_asked, writing, control_id, now);
}

}  // namespace cpis::usecases
