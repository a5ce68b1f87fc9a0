#include "gateway/register/register_change.h"

#include <algorithm>

#include "gateway/store/settle.h"

namespace cpis::registry {
namespace {

using store::Row;
using store::Session;

constexpr std::size_t number_digits = 10;

std::string text_of(const std::vector<RegisterChange::Item>& items) {
  std::string text;
  for (const RegisterChange::Item& item : items) {
    text += item.person.digits();
    text += item.removed ? " D " + item.plan_id : std::string{" P"};
    text += '\n';
  }
  return text;
}

Status read_items(std::string_view text, std::vector<RegisterChange::Item>& items) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const auto person = NhsNumber::parse(line.substr(0, number_digits));
    const std::string_view what = line.substr(std::min(line.size(), number_digits));
    const bool removed = what.starts_with(" D ");
    if (!person || (!removed && what != " P")) {
      return Error{ErrorKind::fault, "register_change: a stored value cannot be read"};
    }
    items.push_back({*person, removed, std::string{removed ? what.substr(3) : ""}});
  }
  return done;
}

Result<std::vector<RegisterChange>> read_changes(Session& session, std::string_view sql,
                                                 std::initializer_list<store::Value> params) {
  std::vector<RegisterChange> changes;
  const Status read = session.query(sql, params, [&](const Row& row) -> Status {
    RegisterChange change{std::string{row.text(0)}, {row.integer(1), row.integer(2)}, {}};
    const Status items = read_items(row.text(3), change.items);
    if (items) changes.push_back(std::move(change));
    return items;
  });
  if (!read) return read.error();
  return changes;
}

}  // namespace

Status note_change(Session& session, const RegisterChange& change, bool told, Time now) {
  const std::string text = text_of(change.items);
  return store::any_rows(
      session.execute("INSERT INTO register_change (council, sequence, part, at, state, plans)"
                      " VALUES (?, ?, ?, ?, ?, ?) {on_conflict_ignore:council}",
                      {change.council, change.position.sequence, change.position.part,
                       to_micros(now), told ? 1 : 0, store::Value::blob(text)}));
}

Result<std::vector<RegisterChange>> untold_changes(Session& session, std::size_t max) {
  return read_changes(session,
                      "SELECT council, sequence, part, plans FROM register_change"
                      " WHERE state = 0 ORDER BY at, council, sequence, part LIMIT ?",
                      {static_cast<std::int64_t>(max)});
}

Status mark_told(Session& session, const RegisterChange& change) {
  return store::one_row(
      session.execute("UPDATE register_change SET state = 1"
                      " WHERE council = ? AND sequence = ? AND part = ? AND state = 0",
                      {change.council, change.position.sequence, change.position.part}),
      ErrorKind::conflict, "subscribers were told already");
}

Result<std::map<std::string, ChangePosition>> last_changes(Session& session) {
  std::map<std::string, ChangePosition> last;
  const Status read = session.query(
      "SELECT council, sequence, MAX(part) FROM register_change c WHERE sequence ="
      " (SELECT MAX(sequence) FROM register_change WHERE council = c.council)"
      " GROUP BY council, sequence",
      {}, [&](const Row& row) -> Status {
        last[std::string{row.text(0)}] = {row.integer(1), row.integer(2)};
        return done;
      });
  if (!read) return read.error();
  return last;
}

Result<std::int64_t> last_part(Session& session, std::string_view council, std::int64_t sequence) {
  std::int64_t last = -1;
  const Status read = session.query(
      "SELECT COALESCE(MAX(part), -1) FROM register_change WHERE council = ? AND sequence = ?",
      {council, sequence}, [&last](const Row& row) -> Status {
        last = row.integer(0);
        return done;
      });
  if (!read) return read.error();
  return last;
}

Result<std::vector<RegisterChange>> changes_behind(Session& session, std::string_view council,
                                                   const ChangePosition& position,
                                                   std::size_t max) {
  return read_changes(session,
                      "SELECT council, sequence, part, plans FROM register_change"
                      " WHERE council = ? AND (sequence > ? OR (sequence = ? AND part > ?))"
                      " ORDER BY sequence, part LIMIT ?",
                      {council, position.sequence, position.sequence, position.part,
                       static_cast<std::int64_t>(max)});
}

Result<std::int64_t> purge_changes(Session& session, Time before, std::size_t max) {
  return session.execute(
      "DELETE FROM register_change WHERE (council, sequence, part) IN (SELECT council, sequence,"
      " part FROM (SELECT council, sequence, part FROM register_change WHERE state = 1 AND at < ?"
      " ORDER BY at LIMIT ?) AS past)",
      {to_micros(before), static_cast<std::int64_t>(max)});
}

}  // namespace cpis::registry
