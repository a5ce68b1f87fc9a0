#include "gateway/usecases/deliver_notices.h"

#include <map>
#include <utility>
#include <vector>

#include "adapters/spine/notices.h"

namespace cpis::usecases {
namespace {

using registry::NoticeRow;

constexpr std::size_t notices_in_one_message_max = 500;

// RFC 4180; a cell that a spreadsheet would run as a formula gets an apostrophe.
void add_cell(std::string& out, std::string_view text, bool last = false) {
  const bool formula = !text.empty() && std::string_view{"=+-@"}.find(text[0]) != text.npos;
  const bool quoted = formula || text.find_first_of(",\"\r\n") != text.npos;
  if (quoted) out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
  out += last ? "\r\n" : ",";
}

AccessNotice access_notice(const Council& council, std::vector<NoticeEntry> entries,
                           const std::string& id, Time now) {
  return {id, now, council.ods_code, council.name, std::move(entries)};
}

}  // namespace

std::string notice_csv(const AccessNotice& notice) {
  std::string out =
      "notice_id,access_id,accessed_at,la_person_id,nhs_number,accessed_by,role,"
      "organisation_code,organisation_name,upload_sequence\r\n";
  for (const NoticeEntry& entry : notice.entries) {
    const Caller& by = entry.access.by;
    add_cell(out, notice.id);
    add_cell(out, entry.access.id);
    add_cell(out, to_iso(entry.access.at));
    add_cell(out, entry.local_id);
    add_cell(out, entry.access.person.digits());
    add_cell(out, by.person_name);
    add_cell(out, by.role_name);
    add_cell(out, by.organisation_code);
    add_cell(out, by.organisation_name);
    add_cell(out, std::to_string(entry.upload_sequence), true);
  }
  return out;
}

std::string notice_csv(const InactiveNotice& notice) {
  std::string out =
      "notice_id,la_person_id,inactive_nhs_number,replacement_given,upload_sequence\r\n";
  for (const InactiveEntry& entry : notice.entries) {
    add_cell(out, notice.id);
    add_cell(out, entry.local_id);
    add_cell(out, entry.inactive.digits());
    add_cell(out, entry.replaced_by.empty() ? "no" : "yes");
    add_cell(out, std::to_string(entry.upload_sequence), true);
  }
  return out;
}

Result<std::size_t> DeliverNotices::step() {
  const auto waiting = register_.notices(NoticeRow::State::waiting, "",
                                         notices_in_one_message_max);
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
  std::string xml;
  std::string csv;
  if (kind == NoticeRow::Kind::access) {
    std::vector<NoticeEntry> entries;
    for (const NoticeRow& notice : notices) {
      auto access = register_.access(notice.access_id);
      if (!access) return access.error();
      if (!*access) return Error{ErrorKind::fault, "a notice names an access that is not kept"};
      entries.push_back({**access, notice.local_id, notice.local_id_authority,
                         notice.upload_sequence});
    }
    const AccessNotice made = access_notice(council, std::move(entries), id, now);
    xml = spine::write_access_notice(made);
    csv = notice_csv(made);
  } else {
    InactiveNotice made{id, now, council.ods_code, council.name, {}};
    for (const NoticeRow& notice : notices) {
      auto replacements = register_.replacements_of(notice.person);
      if (!replacements) return replacements.error();
      made.entries.push_back({notice.person, notice.local_id, *std::move(replacements),
                              notice.upload_sequence});
    }
    xml = spine::write_inactive_notice(made);
    csv = notice_csv(made);
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
