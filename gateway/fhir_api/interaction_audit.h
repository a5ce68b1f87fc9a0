#pragma once

#include "adapters/core/ports/clock.h"
#include "gateway/fhir_api/exchange.h"
#include "gateway/resources/resource_book.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/database.h"

namespace cpis::fhir_api {

/// One event in the audit for an interaction, naming every resource that its answer shows, durable
/// before the answer: it waits for the commit that it shares with whatever else is queued, and
/// becomes 503 when that fails. For what has left no event of its own: a look at the national
/// record, a write and a Subscription's events are audited where they happen
/// (`Exchange::audited`).
///
/// Always: what a route marks as `traced`, when it succeeded. With `audit.interactions = all` every
/// interaction of a known caller, failed ones too.
///
///     action Encounter.search, outcome 200,
///     detail ?date=ge2026-01-01&_count=2; Encounter/a Encounter/b
///
/// Safe to call from many threads; does not block.
class InteractionAudit {
 public:
  struct Parts {
    store::Database& database;
    const Clock& clock;
    const resources::ResourceBook& book;
    bool all = false;
  };
  explicit InteractionAudit(const Parts& parts) : parts_{parts} {}

  bool wants(const Exchange& exchange, const http::Response& response) const;
  /// Sends the answer once its event is durable.
  void answer(Exchange&& exchange, http::Response response) const;

 private:
  Parts parts_;
  store::AuditStore audit_;
};

}  // namespace cpis::fhir_api
