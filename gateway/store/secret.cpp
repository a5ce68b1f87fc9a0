#include "gateway/store/secret.h"

namespace cpis::store {

Result<std::string> secret_of(Database& database, std::string_view name, std::string_view fresh) {
  // Kept unless another gateway on the same store was first; then what stands there is read.
  const Status kept = database.write([&](Session& session) -> Status {
    const auto added = session.execute(
        "INSERT INTO store_secret (name, value) VALUES (?, ?) {on_conflict_ignore:name}",
        {name, fresh});
    if (!added) return added.error();
    return done;
  });
  if (!kept) return kept.error();
  std::string value;
  const Status read = database.read([&](Session& session) {
    return session.query("SELECT value FROM store_secret WHERE name = ?", {name},
                         [&](const Row& row) -> Status {
                           value = std::string{row.text(0)};
                           return done;
                         });
  });
  if (!read) return read.error();
  return value;
}

}  // namespace cpis::store
