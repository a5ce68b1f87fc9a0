#include "gateway/store/outbox_store.h"

#include <algorithm>
#include <utility>

#include "gateway/store/column_text.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/settle.h"

namespace cpis::store {
namespace {

// Widths of the columns in schema/0001_store.sql.
constexpr std::size_t kind_max = 64;
constexpr std::size_t destination_max = 255;
constexpr std::size_t order_key_max = 128;
constexpr std::size_t correlation_id_max = 64;
constexpr std::size_t content_type_max = 100;
constexpr std::size_t error_max = 500;

const std::string select_items =
    "SELECT id, kind, destination, order_key, correlation_id, content_type, payload, created_at,"
    " next_attempt_at, state, attempts, last_error FROM outbox ";

// `state < 2` repeats what `state = 0` says, because that is the condition of the small indexes.
const std::string select_due =
    select_items +
    "WHERE state = 0 AND state < 2 AND next_attempt_at <= ?"
    " AND (? = '' OR kind = ?) AND (? = '' OR destination = ?) AND kind <> ? AND kind <> ?"
    " AND kind <> ?"
    " AND NOT EXISTS ("
    " SELECT 1 FROM outbox older WHERE older.destination = outbox.destination"
    " AND older.order_key = outbox.order_key AND older.state < 2 AND older.id < outbox.id)"
    " ORDER BY next_attempt_at, id LIMIT ? {for_update}";
const std::string select_behind =
    select_items +
    "WHERE destination = ? AND order_key = ? AND state < 2 AND id > ? AND state = 0 AND kind = ?"
    " ORDER BY id LIMIT ? {for_update}";
const std::string select_one = select_items + "WHERE id = ?";
const std::string select_dead = select_items + "WHERE state = 3 AND id > ? ORDER BY id LIMIT ?";

constexpr std::string_view not_under_way = "the delivery is not under way";

OutboxItem read_item(const Row& row) {
  OutboxItem item{row.integer(0),
                  std::string{row.text(1)},
                  std::string{row.text(2)},
                  std::nullopt,
                  std::string{row.text(4)},
                  std::string{row.text(5)},
                  std::string{row.text(6)},
                  from_micros(row.integer(7)),
                  from_micros(row.integer(8)),
                  static_cast<OutboxState>(row.integer(9)),
                  static_cast<int>(row.integer(10)),
                  std::string{row.text(11)}};
  if (!row.is_null(3)) item.order_key = row.text(3);
  return item;
}

Result<std::vector<OutboxItem>> read_items(Session& session, std::string_view sql,
                                           std::initializer_list<Value> params) {
  std::vector<OutboxItem> items;
  const Status read = session.query(sql, params, [&items](const Row& row) -> Status {
    items.push_back(read_item(row));
    return done;
  });
  if (!read) return read.error();
  return items;
}

// SplitMix64, to spread ids; nothing here is secret.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

Result<std::int64_t> bury(Session& session, std::int64_t id, std::string_view error, Time now) {
  const ColumnText text{error, error_max};
  return session.execute(
      "UPDATE outbox SET state = 3, settled_at = ?, last_error = ?, claimed_by = NULL,"
      " claimed_until = NULL WHERE id = ? AND state = 1",
      {to_micros(now), text.value(), id});
}

}  // namespace

Duration RetryPolicy::delay_after(int attempts, std::int64_t id) const {
  Duration delay = first;
  for (int i = 1; i < attempts && delay < longest; ++i) delay *= 2;
  delay = std::min(delay, longest);
  const auto seed = static_cast<std::uint64_t>(id) + static_cast<std::uint64_t>(attempts);
  const auto spread = static_cast<std::uint64_t>(delay.count() / 4 + 1);
  return delay + Duration{static_cast<std::int64_t>(mix(seed) % spread)};
}

Status OutboxStore::append(Session& session, const NewDelivery& delivery) const {
  const ColumnText kind{delivery.kind, kind_max};
  const ColumnText destination{delivery.destination, destination_max};
  const ColumnText order_key{delivery.order_key, order_key_max};
  const ColumnText correlation_id{delivery.correlation_id, correlation_id_max};
  const ColumnText content_type{delivery.content_type, content_type_max};
  const std::int64_t created = to_micros(delivery.created_at);
  return any_rows(session.execute(
      "INSERT INTO outbox (id, kind, destination, order_key, correlation_id, content_type, payload,"
      " created_at, next_attempt_at, attempts, state)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0) {on_conflict_ignore:id}",
      {delivery.id, kind.value(), destination.value(), order_key.value(), correlation_id.value(),
       content_type.value(), Value::blob(delivery.payload), created, created}));
}

Result<std::vector<OutboxItem>> OutboxStore::claim(Session& session, std::string_view gateway,
                                                   Time now, std::size_t max,
                                                   const OutboxWanted& wanted) const {
  const Status freed = any_rows(
      session.execute("UPDATE outbox SET state = 0, claimed_by = NULL, claimed_until = NULL"
                      " WHERE state = 1 AND state < 2 AND claimed_until <= ?",
                      {to_micros(now)}));
  if (!freed) return freed.error();
  auto items = read_items(session, select_due,
                          {to_micros(now), wanted.kind, wanted.kind, wanted.destination,
                           wanted.destination, wanted.not_kinds[0], wanted.not_kinds[1],
                           wanted.not_kinds[2], static_cast<std::int64_t>(max)});
  if (!items) return items;
  const std::int64_t until = to_micros(now + settings_.claim_time);
  for (OutboxItem& item : *items) {
    const Status taken = one_row(
        session.execute("UPDATE outbox SET state = 1, attempts = attempts + 1, claimed_by = ?,"
                        " claimed_until = ? WHERE id = ? AND state = 0",
                        {gateway, until, item.id}),
        ErrorKind::conflict, "a delivery was claimed by two");
    if (!taken) return taken.error();
    item.state = OutboxState::working;
    ++item.attempts;
  }
  return items;
}

Result<std::vector<OutboxItem>> OutboxStore::behind(Session& session, const OutboxItem& item,
                                                    std::size_t max) const {
  return read_items(
      session, select_behind,
      {item.destination, *item.order_key, item.id, item.kind, static_cast<std::int64_t>(max)});
}

Status OutboxStore::join(Session& session, const OutboxItem& item, std::string_view payload,
                         const std::vector<OutboxItem>& others) const {
  const Status taken =
      one_row(session.execute("UPDATE outbox SET payload = ? WHERE id = ? AND state = 1",
                              {Value::blob(payload), item.id}),
              ErrorKind::conflict, not_under_way);
  if (!taken) return taken;
  for (const OutboxItem& other : others) {
    const Status gone =
        one_row(session.execute("DELETE FROM outbox WHERE id = ? AND state = 0", {other.id}),
                ErrorKind::conflict, "a delivery behind it is not waiting");
    if (!gone) return gone;
  }
  return done;
}

Status OutboxStore::release_claims(Session& session, std::string_view gateway) const {
  return any_rows(
      session.execute("UPDATE outbox SET state = 0, claimed_by = NULL, claimed_until = NULL"
                      " WHERE state = 1 AND state < 2 AND claimed_by = ?",
                      {gateway}));
}

Result<std::vector<std::string>> OutboxStore::claimants(Session& session) const {
  std::vector<std::string> names;
  const Status read =
      session.query("SELECT DISTINCT claimed_by FROM outbox WHERE state = 1 AND state < 2", {},
                    [&names](const Row& row) -> Status {
                      names.emplace_back(row.text(0));
                      return done;
                    });
  if (!read) return read.error();
  return names;
}

Result<std::optional<Time>> OutboxStore::next_due(Session& session) const {
  std::optional<Time> due;
  const Status read = session.query(
      "SELECT next_attempt_at FROM outbox WHERE state = 0 AND state < 2"
      " ORDER BY next_attempt_at LIMIT 1",
      {}, [&due](const Row& row) -> Status {
        due = from_micros(row.integer(0));
        return done;
      });
  if (!read) return read.error();
  return due;
}

Status OutboxStore::delivered(Session& session, std::int64_t id, Time now) const {
  return one_row(session.execute("UPDATE outbox SET state = 2, settled_at = ?, claimed_by = NULL,"
                                 " claimed_until = NULL WHERE id = ? AND state = 1",
                                 {to_micros(now), id}),
                 ErrorKind::conflict, not_under_way);
}

Result<OutboxState> OutboxStore::failed(Session& session, std::int64_t id, std::string_view error,
                                        Time now) const {
  std::optional<int> attempts;
  const Status read =
      session.query("SELECT attempts FROM outbox WHERE id = ? AND state = 1 {for_update}", {id},
                    [&attempts](const Row& row) -> Status {
                      attempts = static_cast<int>(row.integer(0));
                      return done;
                    });
  if (!read) return read.error();
  if (!attempts) return Error{ErrorKind::conflict, std::string{not_under_way}};
  if (*attempts >= settings_.retry.attempts_max) {
    if (const Status dead = any_rows(bury(session, id, error, now)); !dead) return dead.error();
    return OutboxState::dead;
  }
  const ColumnText text{error, error_max};
  const Time next = now + settings_.retry.delay_after(*attempts, id);
  const Status waits =
      any_rows(session.execute("UPDATE outbox SET state = 0, next_attempt_at = ?, last_error = ?,"
                               " claimed_by = NULL, claimed_until = NULL WHERE id = ?",
                               {to_micros(next), text.value(), id}));
  if (!waits) return waits.error();
  return OutboxState::waiting;
}

Status OutboxStore::refused(Session& session, std::int64_t id, std::string_view error,
                            Time now) const {
  return one_row(bury(session, id, error, now), ErrorKind::conflict, not_under_way);
}

Status OutboxStore::withdraw(Session& session, std::string_view kind,
                             std::string_view destination) const {
  return any_rows(session.execute(
      "DELETE FROM outbox WHERE kind = ? AND destination = ? AND state < 2", {kind, destination}));
}

Status OutboxStore::requeue(Session& session, std::int64_t id, Time now) const {
  return one_row(session.execute("UPDATE outbox SET state = 0, attempts = 0, next_attempt_at = ?,"
                                 " settled_at = NULL WHERE id = ? AND state = 3",
                                 {to_micros(now), id}),
                 ErrorKind::not_found, "no dead delivery has this id");
}

Result<std::optional<OutboxItem>> OutboxStore::find(Session& session, std::int64_t id) const {
  auto items = read_items(session, select_one, {id});
  if (!items) return items.error();
  if (items->empty()) return std::optional<OutboxItem>{};
  return std::optional<OutboxItem>{std::move(items->front())};
}

Result<std::vector<OutboxItem>> OutboxStore::dead(Session& session, std::int64_t after,
                                                  std::size_t max) const {
  return read_items(session, select_dead, {after, static_cast<std::int64_t>(max)});
}

Result<OutboxSummary> OutboxStore::summary(Session& session) const {
  OutboxSummary summary;
  std::optional<std::int64_t> first;
  // Answered from the small index alone: the rows hold whole payloads.
  Status read =
      session.query("SELECT state, COUNT(*), MIN(id) FROM outbox WHERE state < 2 GROUP BY state",
                    {}, [&](const Row& row) -> Status {
                      const bool waiting = row.integer(0) == 0;
                      (waiting ? summary.waiting : summary.working) = row.integer(1);
                      if (!first || row.integer(2) < *first) first = row.integer(2);
                      return done;
                    });
  if (!read) return read.error();
  if (first) {
    read = session.query("SELECT created_at FROM outbox WHERE id = ?", {*first},
                         [&summary](const Row& row) -> Status {
                           summary.oldest_open = from_micros(row.integer(0));
                           return done;
                         });
    if (!read) return read.error();
  }
  read = session.query("SELECT COUNT(*) FROM outbox WHERE state = 3", {},
                       [&summary](const Row& row) -> Status {
                         summary.dead = row.integer(0);
                         return done;
                       });
  if (!read) return read.error();
  return summary;
}

Result<std::int64_t> OutboxStore::purge(Session& session, Time before, std::size_t max) const {
  return session.execute(
      "DELETE FROM outbox WHERE id IN (SELECT id FROM (SELECT id FROM outbox"
      " WHERE id < ? AND state = 2 ORDER BY id LIMIT ?) AS delivered)",
      {RowIds::first_of(before), static_cast<std::int64_t>(max)});
}

}  // namespace cpis::store
