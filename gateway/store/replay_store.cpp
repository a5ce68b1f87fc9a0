#include "gateway/store/replay_store.h"

#include <string>
#include <vector>

#include "gateway/store/sha256.h"

namespace cpis::store {

Status ReplayStore::use_once(Session& session, std::string_view owner, std::string_view id,
                             std::string_view use, Time expires) const {
  std::string both = std::to_string(owner.size()) + ':' + std::string{owner} + std::string{id};
  const Sha256 hash = sha256(both);
  const auto added = session.execute(
      "INSERT INTO used_assertion (hash, used_by, expires_at) VALUES (?, ?, ?) "
      "{on_conflict_ignore:hash}",
      {Value::blob(bytes_of(hash)), use, to_micros(expires)});
  if (!added) return added.error();
  if (*added == 1) return done;
  // The same work again finds its own row.
  bool ours = false;
  const Status read = session.query("SELECT used_by FROM used_assertion WHERE hash = ?",
                                    {Value::blob(bytes_of(hash))}, [&](const Row& row) -> Status {
                                      ours = row.text(0) == use;
                                      return done;
                                    });
  if (!read) return read;
  if (ours) return done;
  return Error{ErrorKind::conflict, "the assertion was used before"};
}

Result<std::int64_t> ReplayStore::purge(Session& session, Time now, std::int64_t rows_max) const {
  std::int64_t purged = 0;
  std::vector<std::string> expired;
  const Status read = session.query("SELECT hash FROM used_assertion WHERE expires_at < ? LIMIT ?",
                                    {to_micros(now), rows_max}, [&](const Row& row) -> Status {
                                      expired.emplace_back(row.text(0));
                                      return done;
                                    });
  if (!read) return read.error();
  for (const std::string& hash : expired) {
    const auto gone =
        session.execute("DELETE FROM used_assertion WHERE hash = ?", {Value::blob(hash)});
    if (!gone) return gone.error();
    purged += *gone;
  }
  return purged;
}

}  // namespace cpis::store
