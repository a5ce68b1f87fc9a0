#include "gateway/usecases/deliver_notices.h"

#include <map>
#include <utility>
#include <vector>

#include "adapters/social_care/notice_csv.h"
#include "adapters/spine/notices.h"

namespace cpis::usecases {
namespace {

using registry::NoticeRow;

constexpr std::size_t notices_in_one_message_max = 500;

AccessNotice access_notice(const Council& council, std::vector<NoticeEntry> entries,
                           const std::string& id, Time now) {
  return {id, now, council.ods_code, council.name, std::move(entries)};
}

}  // namespace

Result<std::size_t> DeliverNotices::step() {
  const auto waiting = register_.notices(NoticeRow::State::waiting, "", notices_in_one_message_max);
  if (!waiting) return waiting.error();
  std::map<std::pair<std::string, NoticeRow::Kind>, std::vector<NoticeRow>> by_council;
  for (const NoticeRow& notice : *waiting) {
    by_council[{notice.council, notice.kind}].push_back(notice);
  }
  std::size_t laid = 0;
  for (const auto& [key, notices] : by_council) {
    const auto council = register_.view().council(key.first);
    if (!council) return Error{ErrorKind::fault, "a notice is owed to a council nobody knows"};
    const auto count = deliver(*council, key.second, notices);
    if (!count) return count.error();
    laid += *count;
  }
  delivered_ += laid;
  return laid;
}

Result<std::size_t> DeliverNotices::deliver(const Council& council, NoticeRow::Kind kind,
                                            const std::vector<NoticeRow>& notices) {
  const Time now = clock_.now();
  const std::string& id = notices.front().id;  // the same after a crash: the same file again
  const social_care::NoticeLayout* layout = social_care::find_notice_layout("generic");
  std::string xml;
  std::string csv;
  if (kind == NoticeRow::Kind::access) {
    std::vector<NoticeEntry> entries;
    for (const NoticeRow& notice : notices) {
      auto access = register_.access(notice.access_id);
      if (!access) return access.error();
      if (!*access) return Error{ErrorKind::fault, "a notice names an access that is not kept"};
      entries.push_back(
          {**access, notice.local_id, notice.local_id_authority, notice.upload_sequence});
    }
    const AccessNotice made = access_notice(council, std::move(entries), id, now);
    xml = spine::write_access_notice(made);
    csv = social_care::access_notice_csv(made, *layout, now, [](const NoticeEntry& entry) {
      return std::optional{social_care::NoticeCase{entry.local_id, "", "", "", ""}};
    });
  } else {
    InactiveNotice made{id, now, council.ods_code, council.name, {}};
    for (const NoticeRow& notice : notices) {
      auto replacements = register_.replacements_of(notice.person);
      if (!replacements) return replacements.error();
      made.entries.push_back(
          {notice.person, notice.local_id, *std::move(replacements), notice.upload_sequence});
    }
    xml = spine::write_inactive_notice(made);
    csv = social_care::inactive_notice_csv(made, *layout, now);
  }
  const std::string name = (kind == NoticeRow::Kind::access ? "ASN-" : "INACTIVE-") + id;
  const std::string path = tray_ + '/' + council.ods_code + '/' + name;
  // The CSV first: who watches for the message finds both.
  if (const Status written = write_whole_file(path + ".csv", csv); !written) return written.error();
  if (const Status written = write_whole_file(path + ".xml", xml); !written) return written.error();
  const Status marked = register_.mark_delivered(notices, name + ".xml");
  if (!marked) return marked.error();
  return notices.size();
}

}  // namespace cpis::usecases
