#include "gateway/store/retention.h"

#include "gateway/store/inbox_store.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"

namespace cpis::store {
namespace {

// Messages that were put aside and that nobody came back to. Ids grow with time.
Result<std::int64_t> purge_quarantined(Session& session, Time before, std::size_t max) {
  return session.execute(
      "DELETE FROM inbox WHERE id IN (SELECT id FROM (SELECT id FROM inbox"
      " WHERE id < ? AND state = ? ORDER BY id LIMIT ?) AS aside)",
      {RowIds::first_of(before), static_cast<std::int64_t>(InboxState::quarantined),
       static_cast<std::int64_t>(max)});
}

Result<Purged> purge_once(Database& database, const RetentionSettings& settings, Time now) {
  Purged purged;
  const Status status = database.write([&](Session& session) -> Status {
    const auto inbox = InboxStore{}.purge(session, now - settings.inbox, settings.rows_max);
    if (!inbox) return inbox.error();
    const auto quarantined =
        purge_quarantined(session, now - settings.quarantined, settings.rows_max);
    if (!quarantined) return quarantined.error();
    const auto outbox = OutboxStore{}.purge(session, now - settings.outbox, settings.rows_max);
    if (!outbox) return outbox.error();
    const auto addresses = session.execute("DELETE FROM alert_address WHERE message_id < ?",
                                           {RowIds::first_of(now - settings.inbox)});
    if (!addresses) return addresses.error();
    purged = {*inbox, *outbox, *quarantined};
    return done;
  });
  if (!status) return status.error();
  return purged;
}

}  // namespace

Result<Purged> purge_expired(Database& database, const RetentionSettings& settings, Time now,
                             int works_max) {
  Purged total;
  const auto full = static_cast<std::int64_t>(settings.rows_max);
  for (int works = 0; works < works_max; ++works) {
    const auto purged = purge_once(database, settings, now);
    if (!purged) return purged;
    total.inbox += purged->inbox;
    total.outbox += purged->outbox;
    total.quarantined += purged->quarantined;
    if (purged->inbox < full && purged->outbox < full && purged->quarantined < full) break;
  }
  return total;
}

}  // namespace cpis::store
