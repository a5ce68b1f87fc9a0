#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "adapters/core/ports/clock.h"
#include "gateway/auth/refusal.h"
#include "gateway/http/request.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/database.h"

namespace cpis::auth {

/// Keeps refused requests in the audit trail: when, from which address, which client where it is
/// known, what kind of resource, and why. Never an id, a query, a token or anything about a person.
///
/// A storm is not copied into the store: beyond `rows_per_second` requests are counted, and the
/// next row says how many there were. Does not block and delays no answer. Thread-safe.
class RefusalAudit {
 public:
  static constexpr int rows_per_second = 20;

  RefusalAudit(store::Database& database, const Clock& clock)
      : database_{database}, clock_{clock} {}

  /// `client` is its name in the configuration; empty when it is not known.
  void note(const http::Request& request, std::string_view client, const Refusal& refusal);

 private:
  bool has_room(Time now, std::uint64_t& left_out);

  store::Database& database_;
  const Clock& clock_;
  store::AuditStore audit_;
  std::mutex mutex_;
  Time second_{};
  int rows_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace cpis::auth
