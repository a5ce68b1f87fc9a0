#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/caller.h"
#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"
#include "gateway/store/sha256.h"

namespace cpis::store {

/// Who did what to whom. Views; valid for the call they are given to.
struct AuditEntry {
  Time at;
  std::string_view correlation_id;
  std::string_view actor_id;
  std::string_view actor_name;
  std::string_view actor_role;
  std::string_view organisation;
  std::string_view source;   ///< where from: a client's name, a feed, the command line
  std::string_view action;   ///< for example `check`, `import`, `purge`
  std::string_view subject;  ///< whose record, as the caller's indexes name a person
  std::string_view outcome;
  std::string_view detail;
};

/// An entry with its actor filled in: views of `caller`, which outlives it.
AuditEntry entry_by(const Caller& caller);
AuditEntry entry_by(Caller&&) = delete;

struct AuditRow {
  std::int64_t chain;
  std::int64_t seq;  ///< from 1 without gaps within its chain
  AuditEntry entry;
  std::string_view hash;
};

/// What `verify` found in one chain.
struct AuditCheck {
  std::int64_t rows = 0;
  /// The first row that is missing or was changed, and how it shows; empty when all is well.
  std::optional<std::int64_t> broken_at;
  std::string why;
  /// Of the last good row. Keep it elsewhere: rows cut off at the end only show against it.
  Sha256 head{};
};

/// The audit trail. Rows are only ever added, and each holds the SHA-256 of itself and the hash of
/// the row before it, so a row that was changed, removed or inserted later shows. It does not stop
/// someone who can rewrite the whole chain; keep the head (its last hash) somewhere else for that.
class AuditStore {
 public:
  /// One chain for each gateway, so that gateways on one cluster never wait for each other here.
  explicit AuditStore(int chain = 0) : chain_{chain} {}

  /// Adds a row as part of the caller's work; gives its number. Call it for a read of somebody's
  /// record before the record is read.
  Result<std::int64_t> append(Session& session, const AuditEntry& entry) const;

  using Reader = std::function<Status(const AuditRow&)>;
  /// Rows of this chain after `after_seq`, in order, at most `max`.
  Status read(Session& session, std::int64_t after_seq, std::size_t max,
              const Reader& reader) const;
  /// Rows of every chain about one subject from `from` on, in order of time, at most `max`. Walks
  /// the trail: an index by subject would cost every look a page of its own.
  static Status read_subject(Session& session, std::string_view subject, Time from, std::size_t max,
                             const Reader& reader);

  /// Reads the whole chain and recomputes it. With `known_head` the row `known_seq` must have that
  /// hash too.
  Result<AuditCheck> verify(Session& session) const;
  Result<AuditCheck> verify(Session& session, std::int64_t known_seq,
                            std::string_view known_head) const;

 private:
  std::int64_t chain_;
};

}  // namespace cpis::store
