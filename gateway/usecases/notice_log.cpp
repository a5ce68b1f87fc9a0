#include "gateway/usecases/notice_log.h"

#include "gateway/register/register_rows.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/settle.h"

namespace cpis::usecases {
namespace {

using registry::NoticeRow;

constexpr std::string_view action = "open-notice";

// The audit is asked by subject: the notice stands for the person, whose number stays out of it.
std::string subject_of(std::string_view notice_id) { return "notice:" + std::string{notice_id}; }

}  // namespace

Status note_opening(store::Database& database, const Clock& clock, std::string_view notice_id,
                    const Opener& opener) {
  if (opener.who.empty()) return Error{ErrorKind::bad_input, "say who opens the notice"};
  const Time now = clock.now();
  const std::string subject = subject_of(notice_id);
  return database.write([&](store::Session& session) -> Status {
    std::string council;
    const Status read = session.query("SELECT council FROM notice WHERE id = ?", {notice_id},
                                      [&](const store::Row& row) -> Status {
                                        council = row.text(0);
                                        return done;
                                      });
    if (!read) return read;
    if (council.empty()) return Error{ErrorKind::not_found, "there is no such notice"};
    const store::AuditEntry entry{now,           {},     opener.who, opener.who, {}, council,
                                  opener.source, action, subject,    "done",     {}};
    const auto noted = store::AuditStore{}.append(session, entry);
    if (!noted) return noted.error();
    return store::any_rows(
        session.execute("UPDATE notice SET state = ?, state_at = ? WHERE id = ? AND state = ?",
                        {static_cast<int>(NoticeRow::State::acknowledged), to_micros(now),
                         notice_id, static_cast<int>(NoticeRow::State::delivered)}));
  });
}

Result<std::vector<NoticeOpening>> openings_of(store::Database& database,
                                               std::string_view notice_id) {
  std::vector<NoticeOpening> openings;
  const Status read = database.read([&](store::Session& session) {
    openings.clear();
    return store::AuditStore::read_subject(
        session, subject_of(notice_id), Time{}, openings_max,
        [&](const store::AuditRow& row) -> Status {
          if (row.entry.action != action) return done;
          openings.push_back(
              {row.entry.at, std::string{row.entry.actor_id}, std::string{row.entry.source}});
          return done;
        });
  });
  if (!read) return read.error();
  return openings;
}

}  // namespace cpis::usecases
