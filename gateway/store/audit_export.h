#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "adapters/core/result.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/database.h"

namespace cpis::store {

/// Writes a chain as JSON lines, one row a line, for a security monitor or an archive:
///
///     {"chain":0,"seq":1,"at":"2026-01-05T09:00:00.000Z","at_us":1767603600000000,
///      "correlation_id":"...","actor_id":"...","actor_name":"...","actor_role":"...",
///      "organisation":"...","source":"...","action":"...","subject":"...","outcome":"...",
///      "detail":"...","hash":"64 hexadecimal digits"}
///
/// Rows after `after_seq`, so that an export can go on where the last one ended; gives the number
/// of the last row written. The lines hold personal data.
Result<std::int64_t> export_audit(Database& database, int chain, std::int64_t after_seq,
                                  std::ostream& out);
/// The same in a form of the caller's: `write` gives the text of one row.
using WriteAuditRow = std::function<std::string(const AuditRow&)>;
Result<std::int64_t> export_audit(Database& database, int chain, std::int64_t after_seq,
                                  std::ostream& out, const WriteAuditRow& write);

/// The chains there are.
Result<std::vector<int>> audit_chains(Session& session);

}  // namespace cpis::store
