#include "gateway/store/subscription_store.h"

#include "gateway/store/column_text.h"
#include "gateway/store/settle.h"

namespace cpis::store {
namespace {

// Widths of the columns in schema/0012_subscription.sql and 0015_happening_cause.sql.
constexpr std::size_t organisation_max = 64;
constexpr std::size_t subject_max = 64;
constexpr std::size_t focus_max = 128;
constexpr std::size_t correlation_id_max = 64;

Happening read_happening(const Row& row, std::size_t from) {
  return {std::string{row.text(from)},     from_micros(row.integer(from + 1)),
          std::string{row.text(from + 2)}, std::string{row.text(from + 3)},
          std::string{row.text(from + 4)}, std::string{row.text(from + 5)},
          std::string{row.text(from + 6)}, std::string{row.text(from + 7)}};
}

}  // namespace

Status SubscriptionStore::note(Session& session, const Happening& happening) const {
  const ColumnText organisation{std::string_view{happening.organisation}, organisation_max};
  const ColumnText subject{std::string_view{happening.subject}, subject_max};
  const ColumnText focus{std::string_view{happening.focus}, focus_max};
  const ColumnText cause{std::string_view{happening.correlation_id}, correlation_id_max};
  return any_rows(session.execute(
      "INSERT INTO happening (id, at, state, topic, organisation, subject, focus, content,"
      " correlation_id) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?) {on_conflict_ignore:id}",
      {happening.id, to_micros(happening.at), happening.topic, organisation.value(),
       subject.value(), focus.value(), Value::blob(happening.content), cause.value()}));
}

Result<std::vector<Happening>> SubscriptionStore::waiting(Session& session, std::size_t max) const {
  std::vector<Happening> found;
  const Status read = session.query(
      "SELECT id, at, topic, organisation, subject, focus, content, correlation_id FROM happening"
      " WHERE state = 0 ORDER BY at, id LIMIT ?",
      {static_cast<std::int64_t>(max)}, [&found](const Row& row) -> Status {
        found.push_back(read_happening(row, 0));
        return done;
      });
  if (!read) return read.error();
  return found;
}

Status SubscriptionStore::share_out(Session& session, std::string_view happening) const {
  return one_row(
      session.execute("UPDATE happening SET state = 1 WHERE id = ? AND state = 0", {happening}),
      ErrorKind::conflict, "it was shared out already");
}

Result<std::int64_t> SubscriptionStore::add_event(Session& session, std::string_view subscription,
                                                  const Happening& happening) const {
  const Status there = any_rows(
      session.execute("INSERT INTO subscription_line (subscription, last_event) VALUES (?, 0)"
                      " {on_conflict_ignore:subscription}",
                      {subscription}));
  if (!there) return there.error();
  const Status counted =
      one_row(session.execute("UPDATE subscription_line SET last_event = last_event + 1"
                              " WHERE subscription = ?",
                              {subscription}),
              ErrorKind::fault, "the subscription has no line");
  if (!counted) return counted.error();
  const auto number = last_event(session, subscription);
  if (!number) return number;
  const Status added = any_rows(
      session.execute("INSERT INTO subscription_event (subscription, event_number, happening, at)"
                      " VALUES (?, ?, ?, ?)",
                      {subscription, *number, happening.id, to_micros(happening.at)}));
  if (!added) return added.error();
  return number;
}

Result<std::int64_t> SubscriptionStore::last_event(Session& session,
                                                   std::string_view subscription) const {
  std::int64_t last = 0;
  const Status read =
      session.query("SELECT last_event FROM subscription_line WHERE subscription = ?",
                    {subscription}, [&last](const Row& row) -> Status {
                      last = row.integer(0);
                      return done;
                    });
  if (!read) return read.error();
  return last;
}

Result<std::vector<SubscriptionEvent>> SubscriptionStore::events(Session& session,
                                                                 std::string_view subscription,
                                                                 std::int64_t from, std::int64_t to,
                                                                 std::size_t max) const {
  std::vector<SubscriptionEvent> found;
  const Status read = session.query(
      "SELECT event_number, h.id, h.at, topic, organisation, subject, focus, content,"
      " correlation_id"
      " FROM subscription_event e JOIN happening h ON h.id = e.happening"
      " WHERE subscription = ? AND event_number >= ? AND event_number <= ?"
      " ORDER BY event_number LIMIT ?",
      {subscription, from, to, static_cast<std::int64_t>(max)}, [&found](const Row& row) -> Status {
        found.push_back({row.integer(0), read_happening(row, 1)});
        return done;
      });
  if (!read) return read.error();
  return found;
}

Result<std::int64_t> SubscriptionStore::purge(Session& session, Time before,
                                              std::size_t max) const {
  const auto limit = static_cast<std::int64_t>(max);
  const auto events = session.execute(
      "DELETE FROM subscription_event WHERE (subscription, event_number) IN (SELECT subscription,"
      " event_number FROM (SELECT subscription, event_number FROM subscription_event WHERE at < ?"
      " ORDER BY at LIMIT ?) AS past)",
      {to_micros(before), limit});
  if (!events) return events;
  const auto happenings = session.execute(
      "DELETE FROM happening WHERE id IN (SELECT id FROM (SELECT id FROM happening"
      " WHERE state = 1 AND at < ? ORDER BY at LIMIT ?) AS past)",
      {to_micros(before), limit});
  if (!happenings) return happenings;
  return *events + *happenings;
}

}  // namespace cpis::store
