#include "gateway/usecases/deliver_notices.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "adapters/social_care/notice_csv.h"
#include "adapters/spine/notices.h"
#include "gateway/observe/log.h"
#include "gateway/observe/trace.h"
#include "gateway/usecases/council_book.h"

namespace cpis::usecases {
namespace {

using registry::NoticeRow;

constexpr std::size_t notices_in_one_message_max = 500;
constexpr std::chrono::seconds post_again_first{5};
constexpr std::chrono::seconds post_again_max{300};
constexpr std::string_view emergency_team = "emergency-duty-team";

std::string_view route_of(bool in_hours) { return in_hours ? "office" : emergency_team; }

std::chrono::seconds pause_after(int failures) {
  auto pause = post_again_first;
  for (int i = 1; i < failures && pause < post_again_max; ++i) pause *= 2;
  return std::min(pause, post_again_max);
}

// One for a council: its remedy is the same for every notice that waits.
social_care::WorkItem late_item() {
  social_care::WorkItem item;
  item.kind = social_care::WorkKind::notice_undelivered;
  item.subject = "notices";
  item.reason = "not delivered";
  item.text =
      "children were seen and the notices have not reached the case system: read them in the tray, "
      "and mend the connection";
  return item;
}

}  // namespace

const CouncilDelivery& DeliverNotices::delivery_of(const std::string& council) const {
  static const CouncilDelivery files_only;
  const auto found = settings_.councils.find(council);
  return found == settings_.councils.end() ? files_only : found->second;
}

Result<std::size_t> DeliverNotices::step() {
  const auto waiting = register_.notices(NoticeRow::State::waiting, "", notices_in_one_message_max);
  if (!waiting) return waiting.error();
  const Time now = clock_.now();
  std::map<std::pair<std::string, NoticeRow::Kind>, Rows> by_council;
  for (const NoticeRow& notice : *waiting) {
    by_council[{notice.council, notice.kind}].push_back(notice);
  }
  std::size_t laid = 0;
  Time oldest = now;
  Status trouble = done;
  for (const auto& [key, notices] : by_council) {
    const auto late = [&, &code = key.first, first = notices.front().created] {
      oldest = std::min(oldest, first);
      note_late(code, first);
    };
    if (now < back_off_[key.first].not_before) {
      late();
      continue;
    }
    const auto council = register_.view().council(key.first);
    const auto count = council
                           ? deliver(*council, key.second, notices)
                           : Result<std::size_t>{Error{
                                 ErrorKind::fault, "a notice is owed to a council nobody knows"}};
    if (count) {
      laid += *count;
      continue;
    }
    late();
    ++failed_;
    if (trouble) trouble = count.error();
  }
  oldest_seconds_ = std::chrono::duration_cast<std::chrono::seconds>(now - oldest).count();
  delivered_ += laid;
  if (!trouble) return trouble.error();
  return laid;
}

// Once for each time that a council's notices begin to wait too long. A store that does not take
// the item is asked again by the next pass.
void DeliverNotices::note_late(const std::string& council, Time oldest) {
  const Time now = clock_.now();
  if (now - oldest <= settings_.alarm_after || alarmed_.count(council) != 0) return;
  observe::log(observe::Level::error, "notice.undelivered",
               {{"council", council}, {"waiting_since", to_iso(oldest)}});
  if (raise_work(database_, council, late_item(), london_date(now))) alarmed_.insert(council);
}

void DeliverNotices::note_delivered(const std::string& council) {
  const bool known = settled_.count(council) != 0 && alarmed_.count(council) == 0;
  if (known) return;
  if (!settle_work(database_, council, late_item(), london_date(clock_.now()))) return;
  alarmed_.erase(council);
  settled_.insert(council);
}

Result<std::size_t> DeliverNotices::deliver(const Council& council, NoticeRow::Kind kind,
                                            const Rows& notices) {
  const CouncilDelivery& to = delivery_of(council.ods_code);
  const bool in_hours = to.hours.open_at(clock_.now());
  const auto message = kind == NoticeRow::Kind::access
                           ? access_message(council, notices, to, in_hours)
                           : inactive_message(council, notices, to, in_hours);
  if (!message) return message.error();
  if (const Status laid = lay(council, *message, in_hours); !laid) return laid.error();
  BackOff& back_off = back_off_[council.ods_code];
  if (const Status posted = post(to, *message, notices.size(), in_hours); !posted) {
    back_off.not_before = clock_.now() + pause_after(++back_off.failures);
    return posted.error();
  }
  back_off = {};
  note_delivered(council.ods_code);
  const Status marked = register_.mark_delivered(notices, message->name + ".xml");
  if (!marked) return marked.error();
  return notices.size();
}

Result<DeliverNotices::Message> DeliverNotices::access_message(const Council& council,
                                                               const Rows& notices,
                                                               const CouncilDelivery& to,
                                                               bool in_hours) const {
  // The id is the same after a crash: the same file again.
  AccessNotice made{notices.front().id, clock_.now(), council.ods_code, council.name, {}};
  for (const NoticeRow& notice : notices) {
    auto access = register_.access(notice.access_id);
    if (!access) return access.error();
    if (!*access) return Error{ErrorKind::fault, "a notice names an access that is not kept"};
    made.entries.push_back(
        {**access, notice.local_id, notice.local_id_authority, notice.upload_sequence});
  }
  Message message;
  message.id = made.id;
  message.name = "ASN-" + made.id;
  message.xml = spine::write_access_notice(made);
  const std::string team{in_hours ? std::string_view{} : emergency_team};
  message.csv = social_care::access_notice_csv(
      made, *social_care::find_notice_layout(to.layout), made.created,
      [&team](const NoticeEntry& entry) {
        return std::optional{social_care::NoticeCase{entry.local_id, "", "", "", team}};
      });
  if (to.post) message.posted = notice_text(made, to.body, route_of(in_hours));
  return message;
}

Result<DeliverNotices::Message> DeliverNotices::inactive_message(const Council& council,
                                                                 const Rows& notices,
                                                                 const CouncilDelivery& to,
                                                                 bool in_hours) const {
  InactiveNotice made{notices.front().id, clock_.now(), council.ods_code, council.name, {}};
  for (const NoticeRow& notice : notices) {
    auto replacements = register_.replacements_of(notice.person);
    if (!replacements) return replacements.error();
    made.entries.push_back(
        {notice.person, notice.local_id, *std::move(replacements), notice.upload_sequence});
  }
  Message message;
  message.id = made.id;
  message.name = "INACTIVE-" + made.id;
  message.xml = spine::write_inactive_notice(made);
  message.csv = social_care::inactive_notice_csv(made, *social_care::find_notice_layout(to.layout),
                                                 made.created);
  if (to.post) message.posted = notice_text(made, to.body, route_of(in_hours));
  return message;
}

Status DeliverNotices::lay(const Council& council, const Message& message, bool in_hours) const {
  const std::string folder = settings_.tray + '/' + council.ods_code + '/';
  if (!in_hours) {
    const Status laid = write_whole_file(
        folder + std::string{emergency_team} + '/' + message.name + ".csv", message.csv);
    if (!laid) return laid;
  }
  // The CSV first: who watches for the message finds both.
  const Status laid = write_whole_file(folder + message.name + ".csv", message.csv);
  return laid ? write_whole_file(folder + message.name + ".xml", message.xml) : laid;
}

Status DeliverNotices::post(const CouncilDelivery& to, const Message& message, std::size_t notices,
                            bool in_hours) {
  const std::string& url = in_hours || to.emergency_url.empty() ? to.url : to.emergency_url;
  if (url.empty() || !to.post) return done;
  const observe::TraceScope trace{message.id};
  // More notices may join a message that is tried again: then it is another one.
  const auto status = to.post(url, std::string{content_type_of(to.body)}, message.posted,
                              message.id + '-' + std::to_string(notices));
  if (!status) return status.error();
  if (*status >= 200 && *status < 300) return done;
  return Error{ErrorKind::unavailable,
               "the council's system answered with HTTP " + std::to_string(*status)};
}

}  // namespace cpis::usecases
