#include "gateway/store/counters.h"

#include <string>

#include "gateway/store/settle.h"

namespace cpis::store {
namespace {

struct Lease {
  std::string holder;
  Time expires_at;
  std::int64_t fence;
};

constexpr std::string_view select_lease =
    "SELECT holder, expires_at, fence FROM lease WHERE name = ?";
constexpr std::string_view select_lease_to_change =
    "SELECT holder, expires_at, fence FROM lease WHERE name = ? {for_update}";

Result<std::optional<Lease>> read_lease(Session& session, std::string_view name,
                                        std::string_view sql) {
  std::optional<Lease> lease;
  const Status read = session.query(sql, {name}, [&lease](const Row& row) -> Status {
    lease = Lease{std::string{row.text(0)}, from_micros(row.integer(1)), row.integer(2)};
    return done;
  });
  if (!read) return read.error();
  return lease;
}

}  // namespace

Result<std::int64_t> take_numbers(Session& session, std::string_view sequence, std::int64_t count) {
  if (count < 1) return Error{ErrorKind::bad_input, "at least one number must be taken"};
  const Status added =
      any_rows(session.execute("INSERT INTO counter (name, value) VALUES (?, ?)"
                               " {upsert:name} value = value + {new:value}",
                               {sequence, count}));
  if (!added) return added.error();
  std::int64_t last = 0;
  const Status read = session.query("SELECT value FROM counter WHERE name = ?", {sequence},
                                    [&last](const Row& row) -> Status {
                                      last = row.integer(0);
                                      return done;
                                    });
  if (!read) return read.error();
  return last - count + 1;
}

Result<std::optional<std::int64_t>> take_lease(Session& session, std::string_view name,
                                               std::string_view holder, Time now, Duration length) {
  auto lease = read_lease(session, name, select_lease_to_change);
  if (lease && !*lease) {
    // Of two that ask for the first time one waits here, and reads what the other has written.
    const Status made = any_rows(
        session.execute("INSERT INTO lease (name, holder, expires_at, fence) VALUES (?, '', 0, 0)"
                        " {on_conflict_ignore:name}",
                        {name}));
    if (!made) return made.error();
    lease = read_lease(session, name, select_lease_to_change);
  }
  if (!lease) return lease.error();
  if (!*lease) return Error{ErrorKind::fault, "a lease that was made is not there"};
  const bool ours = (*lease)->holder == holder;
  if (!ours && (*lease)->expires_at > now) return std::optional<std::int64_t>{};
  const std::int64_t fence = (*lease)->fence + (ours ? 0 : 1);
  const Status taken = any_rows(
      session.execute("UPDATE lease SET holder = ?, expires_at = ?, fence = ? WHERE name = ?",
                      {holder, to_micros(now + length), fence, name}));
  if (!taken) return taken.error();
  return std::optional{fence};
}

Status hold_lease(Session& session, std::string_view name, std::string_view holder,
                  std::int64_t fence, Time now, Duration length, Prolong prolong) {
  const auto lease = read_lease(session, name, select_lease_to_change);
  if (!lease) return lease.error();
  if (!*lease || (*lease)->holder != holder || (*lease)->fence != fence) {
    return Error{ErrorKind::unavailable, "another gateway has taken this work over"};
  }
  const bool young = (*lease)->expires_at - now >= length / 2;
  if (young && prolong == Prolong::when_half_over) return done;
  return any_rows(session.execute("UPDATE lease SET expires_at = ? WHERE name = ?",
                                  {to_micros(now + length), name}));
}

Result<bool> may_take_lease(Session& session, std::string_view name, std::string_view holder,
                            Time now) {
  const auto lease = read_lease(session, name, select_lease);
  if (!lease) return lease.error();
  return !*lease || (*lease)->holder == holder || (*lease)->expires_at <= now;
}

Result<std::optional<std::int64_t>> ask_for_lease(Database& database, std::string_view name,
                                                  std::string_view holder, Time now,
                                                  Duration length) {
  bool free = false;
  const Status looked = database.read([&](Session& session) -> Status {
    const auto found = may_take_lease(session, name, holder, now);
    if (!found) return found.error();
    free = *found;
    return done;
  });
  if (!looked) return looked.error();
  std::optional<std::int64_t> fence;
  if (!free) return fence;
  const Status asked = database.write([&](Session& session) -> Status {
    const auto taken = take_lease(session, name, holder, now, length);
    if (!taken) return taken.error();
    fence = *taken;
    return done;
  });
  if (!asked) return asked.error();
  return fence;
}

Status return_lease(Session& session, std::string_view name, std::string_view holder) {
  return any_rows(session.execute("UPDATE lease SET expires_at = 0 WHERE name = ? AND holder = ?",
                                  {name, holder}));
}

}  // namespace cpis::store
