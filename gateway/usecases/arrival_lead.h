#pragma once

#include <cstdint>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

/// Which of several gateways on one store works on arrivals: one at a time, because each decides by
/// what it holds in memory. Every gateway keeps and acknowledges messages; the one that leads makes
/// of them what follows.
///
/// The lead is a lease in the store. What a gateway decided while it led is kept only if nobody
/// else has led since (`hold`), so one that was held up for too long changes nothing. A store that
/// only one gateway writes needs no lease: there this always leads.
///
/// For the one thread that processes messages.
class ArrivalLead {
 public:
  ArrivalLead(store::Database& database, const Clock& clock);

  bool is_shared() const { return shared_; }
  /// As far as is known: `hold` knows better.
  bool leads() const { return !shared_ || fence_ != 0; }
  /// Takes the lead if nobody has it. Ask `leads` afterwards; what was in memory before is stale.
  Status take();
  /// The first step of each transaction of whoever leads; `decided` when something is kept in it.
  /// `unavailable` when another gateway has taken over.
  Status hold(store::Session& session, bool decided) const;
  /// After a transaction that failed: who leads has to be found out again.
  void doubt() { fence_ = 0; }
  /// At the end, so that another need not wait.
  void give_back();

 private:
  store::Database& database_;
  const Clock& clock_;
  const bool shared_;
  const std::string holder_;  ///< different in each process and at each start
  std::int64_t fence_ = 0;    ///< 0: another gateway leads
};

}  // namespace cpis::usecases
