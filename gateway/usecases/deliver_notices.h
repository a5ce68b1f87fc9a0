#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/core/notice.h"
#include "adapters/core/ports/clock.h"
#include "adapters/core/rules/office_hours.h"
#include "gateway/register/register.h"
#include "gateway/usecases/deliver_alerts.h"
#include "gateway/usecases/notice_message.h"

namespace cpis::usecases {

/// How one council gets its notices.
struct CouncilDelivery {
  std::string layout = "generic";  ///< of the CSV (adapters/social_care/notice_csv.h)
  rules::OfficeHours hours;        ///< outside them the emergency duty team is told
  std::string url;                 ///< where notices are posted, too; empty: nowhere
  std::string emergency_url;       ///< out of hours; empty: `url`
  NoticeBody body = NoticeBody::communication;
  DeliverAlerts::Post post;  ///< needed with a url
};

/// Brings the notices that councils are owed to them: files in the council's tray,
/// `TRAY/COUNCIL/NAME.xml`, the CP-IS message (REPC_MT000004GB01 or REPC_MT000005GB01), and
/// `NAME.csv`, one row for each access, in the layout its case system imports; and, when it is
/// configured, a POST to its system. Out of hours the CSV is laid in
/// `TRAY/COUNCIL/emergency-duty-team` as well, names that team, and the POST goes to it.
///
/// A notice that waits too long is an alarm: a metric, a line in the log, an item on the council's
/// work list.
///
/// A file appears whole (written beside, flushed, renamed) and before the notices are marked as
/// delivered; a crash in between repeats the file under the same name, and the POST with the same
/// Idempotency-Key. A POST that fails is tried again with back-off; the council's notices stay
/// waiting until then. Names hold the message's id and nothing about a person. One thread at a
/// time.
class DeliverNotices {
 public:
  struct Settings {
    std::string tray;
    std::map<std::string, CouncilDelivery> councils;  ///< by ODS code; others get files only
    std::chrono::seconds alarm_after{900};            ///< a notice that waits longer is an alarm
  };
  DeliverNotices(store::Database& database, registry::Register& registry, const Clock& clock,
                 Settings settings)
      : database_{database}, register_{registry}, clock_{clock}, settings_{std::move(settings)} {}

  /// One bounded pass; gives how many notices were delivered. An error is the first trouble: what
  /// it hit stays for the next pass, other councils got theirs.
  Result<std::size_t> step();

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t failed() const { return failed_; }
  /// How long the oldest notice of the last pass has been waiting.
  std::chrono::seconds oldest_waiting() const { return std::chrono::seconds{oldest_seconds_}; }
  /// The oldest has been waiting for longer than is allowed.
  bool alarm() const { return oldest_waiting() > settings_.alarm_after; }

 private:
  using Rows = std::vector<registry::NoticeRow>;
  struct Message {
    std::string id, name, csv, xml, posted;
  };
  struct BackOff {
    Time not_before{};
    int failures = 0;
  };

  Result<std::size_t> deliver(const Council& council, registry::NoticeRow::Kind kind,
                              const Rows& notices);
  Result<Message> access_message(const Council& council, const Rows& notices,
                                 const CouncilDelivery& to, bool in_hours) const;
  Result<Message> inactive_message(const Council& council, const Rows& notices,
                                   const CouncilDelivery& to, bool in_hours) const;
  Status lay(const Council& council, const Message& message, bool in_hours) const;
  Status post(const CouncilDelivery& to, const Message& message, std::size_t notices,
              bool in_hours);
  const CouncilDelivery& delivery_of(const std::string& council) const;

  void note_late(const std::string& council, Time oldest);
  void note_delivered(const std::string& council);

  store::Database& database_;
  registry::Register& register_;
  const Clock& clock_;
  const Settings settings_;
  std::map<std::string, BackOff> back_off_;  // by council
  std::set<std::string> alarmed_;            // councils whose staff were told that one waits
  std::set<std::string> settled_;            // councils without such an item, since the start
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::int64_t> oldest_seconds_{0};
};

/// Writes `bytes` to `path` so that it appears whole: beside it, flushed, renamed, folder flushed.
Status write_whole_file(const std::string& path, std::string_view bytes);

}  // namespace cpis::usecases
