#include "gateway/store/retention.h"

#include "gateway/store/inbox_store.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"

namespace cpis::store {
namespace {

Result<Purged> purge_once(Database& database, const RetentionSettings& settings, Time now) {
  Purged purged;
  const Status status = database.write([&](Session& session) -> Status {
    const auto inbox = InboxStore{}.purge(session, now - settings.inbox, settings.rows_max);
    if (!inbox) return inbox.error();
    const auto outbox = OutboxStore{}.purge(session, now - settings.outbox, settings.rows_max);
    if (!outbox) return outbox.error();
    const auto addresses = session.execute("DELETE FROM alert_address WHERE message_id < ?",
                                           {RowIds::first_of(now - settings.inbox)});
    if (!addresses) return addresses.error();
    purged = {*inbox, *outbox};
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
    if (purged->inbox < full && purged->outbox < full) break;
  }
  return total;
}

}  // namespace cpis::store
