#include "gateway/store/inbox_store.h"

#include <utility>

#include "gateway/store/column_text.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/settle.h"

namespace cpis::store {
namespace {

// Widths of the columns in schema/0001_store.sql.
constexpr std::size_t feed_max = 64;
constexpr std::size_t sender_max = 255;
constexpr std::size_t control_id_max = 199;
constexpr std::size_t patient_key_max = 64;
constexpr std::size_t reason_max = 500;

constexpr std::string_view insert_message =
    "INSERT INTO inbox (id, feed, sender, control_id, content_hash, reuse, received_at, body,"
    " state, attempts, not_before, patient_key, event_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?) {on_conflict_ignore:id}";

constexpr std::string_view select_same_message =
    "SELECT id, state, received_at, reuse FROM inbox"
    " WHERE sender = ? AND control_id = ? AND content_hash = ? ORDER BY reuse DESC LIMIT 1";

const std::string select_items =
    "SELECT id, feed, sender, control_id, received_at, body, state, attempts, patient_key,"
    " event_at, reason FROM inbox ";

// `state < 2` repeats what `state = 0` says, because that is the condition of the small indexes.
// Settling takes what is marked as worked on; where nothing is marked, what waits.
constexpr std::string_view finish_message =
    "UPDATE inbox SET state = 2, settled_at = ?, attempts = attempts + ?, claimed_by = NULL,"
    " claimed_until = NULL WHERE id = ? AND state = ?";
constexpr std::string_view quarantine_message =
    "UPDATE inbox SET state = 3, settled_at = ?, reason = ?, attempts = attempts + ?,"
    " claimed_by = NULL, claimed_until = NULL WHERE id = ? AND state = ?";
constexpr std::string_view put_off_message =
    "UPDATE inbox SET state = 0, not_before = ?, reason = ?, attempts = attempts + ?,"
    " claimed_by = NULL, claimed_until = NULL WHERE id = ? AND state = ?";

const std::string select_claimable =
    select_items +
    "WHERE state = 0 AND state < 2 AND not_before <= ? AND NOT EXISTS ("
    " SELECT 1 FROM inbox older WHERE older.patient_key = inbox.patient_key"
    " AND older.state < 2 AND older.id < inbox.id)"
    " ORDER BY id LIMIT ? {for_update}";
const std::string select_one = select_items + "WHERE id = ?";
const std::string select_quarantined =
    select_items + "WHERE state = 3 AND id > ? ORDER BY id LIMIT ?";
const std::string select_wanted =
    "SELECT id, feed, sender, control_id, received_at, '', state, attempts, patient_key, event_at,"
    " COALESCE(reason, '') FROM inbox WHERE id > ? AND id <= ? AND (? = '' OR feed = ?)"
    " AND (? < 0 OR state = ?) ORDER BY id LIMIT ?";

struct Same {
  std::int64_t id;
  InboxState state;
  Time received_at;
  std::int64_t reuse;
};

InboxItem read_item(const Row& row) {
  InboxItem item{row.integer(0),
                 std::string{row.text(1)},
                 std::string{row.text(2)},
                 std::string{row.text(3)},
                 from_micros(row.integer(4)),
                 std::string{row.text(5)},
                 static_cast<InboxState>(row.integer(6)),
                 static_cast<int>(row.integer(7)),
                 std::nullopt,
                 std::nullopt,
                 std::string{row.text(10)}};
  if (!row.is_null(8)) item.patient_key = row.text(8);
  if (!row.is_null(9)) item.event_at = from_micros(row.integer(9));
  return item;
}

Result<std::vector<InboxItem>> read_items(Session& session, std::string_view sql,
                                          std::initializer_list<Value> params) {
  std::vector<InboxItem> items;
  const Status read = session.query(sql, params, [&items](const Row& row) -> Status {
    items.push_back(read_item(row));
    return done;
  });
  if (!read) return read.error();
  return items;
}

Value micros(const std::optional<Time>& time) { return time ? Value{to_micros(*time)} : Value{}; }

// The columns of a message as both engines take them.
struct Columns {
  explicit Columns(const NewMessage& message)
      : feed{message.feed, feed_max},
        sender{message.sender, sender_max},
        control_id{message.control_id, control_id_max},
        patient_key{message.patient_key, patient_key_max} {}
  ColumnText feed;
  ColumnText sender;
  ColumnText control_id;
  ColumnText patient_key;
};

Result<std::int64_t> insert(Session& session, const NewMessage& message, const Columns& columns,
                            std::int64_t reuse) {
  const std::int64_t received = to_micros(message.received_at);
  return session.execute(
      insert_message,
      {message.id, columns.feed.value(), columns.sender.value(), columns.control_id.value(),
       Value::blob(message.content_hash), reuse, received, Value::blob(message.body), received,
       columns.patient_key.value(), micros(message.event_at)});
}

Result<std::optional<Same>> find_same(Session& session, const NewMessage& message,
                                      const Columns& columns) {
  std::optional<Same> same;
  const Status read = session.query(
      select_same_message,
      {columns.sender.value(), columns.control_id.value(), Value::blob(message.content_hash)},
      [&same](const Row& row) -> Status {
        same = Same{row.integer(0), static_cast<InboxState>(row.integer(1)),
                    from_micros(row.integer(2)), row.integer(3)};
        return done;
      });
  if (!read) return read.error();
  return same;
}

}  // namespace

Result<Kept> InboxStore::keep(Session& session, const NewMessage& message) const {
  const Columns columns{message};
  const auto inserted = insert(session, message, columns, 0);
  if (!inserted) return inserted.error();
  if (*inserted == 1) return Kept{false, message.id, InboxState::waiting};

  const auto same = find_same(session, message, columns);
  if (!same) return same.error();
  if (!*same) return Error{ErrorKind::conflict, "another message has this row id"};
  if ((*same)->id == message.id) return Kept{false, message.id, (*same)->state};
  if (message.received_at - (*same)->received_at < settings_.duplicate_window) {
    return Kept{true, (*same)->id, (*same)->state};
  }
  const auto again = insert(session, message, columns, (*same)->reuse + 1);
  if (const Status kept = one_row(again, ErrorKind::conflict, "another message has this row id");
      !kept) {
    return kept.error();
  }
  return Kept{false, message.id, InboxState::waiting};
}

Result<std::vector<InboxItem>> InboxStore::claim(Session& session, std::string_view gateway,
                                                 Time now, std::size_t max) const {
  if (settings_.marks_claims) {
    const Status freed = any_rows(
        session.execute("UPDATE inbox SET state = 0, claimed_by = NULL, claimed_until = NULL"
                        " WHERE state = 1 AND state < 2 AND claimed_until <= ?",
                        {to_micros(now)}));
    if (!freed) return freed.error();
  }
  auto items =
      read_items(session, select_claimable, {to_micros(now), static_cast<std::int64_t>(max)});
  if (!items) return items;
  const std::int64_t until = to_micros(now + settings_.claim_time);
  for (InboxItem& item : *items) {
    item.state = InboxState::working;
    ++item.attempts;
    if (!settings_.marks_claims) continue;
    const Status taken = one_row(
        session.execute("UPDATE inbox SET state = 1, attempts = attempts + 1, claimed_by = ?,"
                        " claimed_until = ? WHERE id = ? AND state = 0",
                        {gateway, until, item.id}),
        ErrorKind::conflict, "a message was claimed by two");
    if (!taken) return taken.error();
  }
  return items;
}

Status InboxStore::release_claims(Session& session) const {
  return any_rows(
      session.execute("UPDATE inbox SET state = 0, claimed_by = NULL, claimed_until = NULL"
                      " WHERE state = 1 AND state < 2",
                      {}));
}

std::int64_t InboxStore::state_under_way() const {
  return static_cast<std::int64_t>(settings_.marks_claims ? InboxState::working
                                                          : InboxState::waiting);
}

Status InboxStore::finish(Session& session, std::int64_t id, Time now) const {
  return one_row(
      session.execute(finish_message, {to_micros(now), attempt(), id, state_under_way()}),
      ErrorKind::conflict, "the message is not being worked on");
}

Status InboxStore::quarantine(Session& session, std::int64_t id, std::string_view reason,
                              Time now) const {
  const ColumnText text{reason, reason_max};
  return one_row(session.execute(quarantine_message,
                                 {to_micros(now), text.value(), attempt(), id, state_under_way()}),
                 ErrorKind::conflict, "the message is not being worked on");
}

Status InboxStore::retry_at(Session& session, std::int64_t id, Time at,
                            std::string_view reason) const {
  const ColumnText text{reason, reason_max};
  return one_row(session.execute(put_off_message,
                                 {to_micros(at), text.value(), attempt(), id, state_under_way()}),
                 ErrorKind::conflict, "the message is not being worked on");
}

Status InboxStore::requeue(Session& session, std::int64_t id) const {
  return one_row(session.execute("UPDATE inbox SET state = 0, not_before = 0, settled_at = NULL"
                                 " WHERE id = ? AND state = 3",
                                 {id}),
                 ErrorKind::not_found, "no quarantined message has this id");
}

Result<std::optional<InboxItem>> InboxStore::find(Session& session, std::int64_t id) const {
  auto items = read_items(session, select_one, {id});
  if (!items) return items.error();
  if (items->empty()) return std::optional<InboxItem>{};
  return std::optional<InboxItem>{std::move(items->front())};
}

Result<std::vector<InboxItem>> InboxStore::quarantined(Session& session, std::int64_t after,
                                                       std::size_t max) const {
  return read_items(session, select_quarantined, {after, static_cast<std::int64_t>(max)});
}

Result<std::vector<InboxItem>> InboxStore::list(Session& session, const InboxWanted& wanted,
                                                std::size_t max) const {
  const std::int64_t state = wanted.state ? static_cast<std::int64_t>(*wanted.state) : -1;
  return read_items(session, select_wanted,
                    {wanted.after, wanted.last, wanted.feed, wanted.feed, state, state,
                     static_cast<std::int64_t>(max)});
}

Result<std::int64_t> InboxStore::replay(Session& session, const InboxWanted& wanted,
                                        std::size_t max) const {
  const std::int64_t state = wanted.state ? static_cast<std::int64_t>(*wanted.state) : -1;
  return session.execute(
      "UPDATE inbox SET state = 0, attempts = 0, not_before = 0, settled_at = NULL, reason = NULL"
      " WHERE id IN (SELECT id FROM (SELECT id FROM inbox WHERE id > ? AND id <= ?"
      " AND (? = '' OR feed = ?) AND (? < 0 OR state = ?) AND state >= 2"
      " ORDER BY id LIMIT ?) AS wanted)",
      {wanted.after, wanted.last, wanted.feed, wanted.feed, state, state,
       static_cast<std::int64_t>(max)});
}

Result<std::vector<FeedBacklog>> InboxStore::backlog(Session& session) const {
  std::vector<FeedBacklog> feeds;
  const auto of = [&feeds](std::string_view name) -> FeedBacklog& {
    for (FeedBacklog& one : feeds) {
      if (one.feed == name) return one;
    }
    feeds.push_back({std::string{name}, 0, 0, std::nullopt});
    return feeds.back();
  };
  Status read = session.query(
      "SELECT feed, COUNT(*), MIN(received_at) FROM inbox WHERE state < 2 GROUP BY feed", {},
      [&of](const Row& row) -> Status {
        FeedBacklog& one = of(row.text(0));
        one.open = row.integer(1);
        one.oldest_open = from_micros(row.integer(2));
        return done;
      });
  if (!read) return read.error();
  read = session.query("SELECT feed, COUNT(*) FROM inbox WHERE state = 3 GROUP BY feed", {},
                       [&of](const Row& row) -> Status {
                         of(row.text(0)).quarantined = row.integer(1);
                         return done;
                       });
  if (!read) return read.error();
  return feeds;
}

Result<InboxSummary> InboxStore::summary(Session& session) const {
  InboxSummary summary;
  std::optional<std::int64_t> first;
  // Answered from the small index alone: the rows hold whole messages.
  Status read =
      session.query("SELECT state, COUNT(*), MIN(id) FROM inbox WHERE state < 2 GROUP BY state", {},
                    [&](const Row& row) -> Status {
                      const bool waiting = row.integer(0) == 0;
                      (waiting ? summary.waiting : summary.working) = row.integer(1);
                      if (!first || row.integer(2) < *first) first = row.integer(2);
                      return done;
                    });
  if (!read) return read.error();
  if (first) {
    read = session.query("SELECT received_at FROM inbox WHERE id = ?", {*first},
                         [&summary](const Row& row) -> Status {
                           summary.oldest_open = from_micros(row.integer(0));
                           return done;
                         });
    if (!read) return read.error();
  }
  read = session.query("SELECT COUNT(*) FROM inbox WHERE state = 3", {},
                       [&summary](const Row& row) -> Status {
                         summary.quarantined = row.integer(0);
                         return done;
                       });
  if (!read) return read.error();
  return summary;
}

Result<std::int64_t> InboxStore::purge(Session& session, Time before, std::size_t max) const {
  // Ids grow with time, so the oldest rows are the first of the table.
  return session.execute(
      "DELETE FROM inbox WHERE id IN (SELECT id FROM (SELECT id FROM inbox"
      " WHERE id < ? AND state = 2 ORDER BY id LIMIT ?) AS settled)",
      {RowIds::first_of(before), static_cast<std::int64_t>(max)});
}

}  // namespace cpis::store
