#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/attendance.h"
#include "adapters/core/protection.h"
#include "adapters/hl7v2/alert_writer.h"
#include "adapters/hl7v2/feed_settings.h"
#include "gateway/store/database.h"
#include "gateway/usecases/alert.h"

namespace cpis::usecases {

/// How the engines of feeds are told; by the name of the feed. A feed without an entry has no
/// engine to tell.
using EngineWritings = std::map<std::string, hl7v2::AlertMessageSettings, std::less<>>;

/// Keeps which stored message announced an attendance, in the transaction that keeps the
/// attendance. A later message of the same attendance takes the place of the earlier.
Status remember_announcement(store::Session& session, std::string_view attendance_id,
                             std::int64_t message_id);

/// The message that announced the attendance, read again; nothing when it is not known any more.
Result<std::optional<AdtEvent>> find_announcement(store::Session& session,
                                                  std::string_view attendance_id,
                                                  const hl7v2::FeedSettings& reading);

/// The HL7 v2 message that tells the engine about an alert, naming patient and visit as `arrival`
/// did, with the NHS number the person is known by now. Nothing when nobody could be named, and
/// when there is nothing to tell. `control_id` is MSH-10. MSH-11 is that of
/// the arrival: a test never looks like production.
std::optional<std::string> engine_message(AdtEvent arrival, AlertKind kind,
                                          const ProtectionRecord* record,
                                          const std::optional<NhsNumber>& person,
                                          hl7v2::AlertMessageSettings writing,
                                          std::string_view control_id, Time now);

}  // namespace cpis::usecases
