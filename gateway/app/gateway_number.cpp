#include "gateway/app/gateway_number.h"

#include "gateway/edge/ids.h"
#include "gateway/store/counters.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"

namespace cpis::app {
namespace {

// A gateway that does not come by for so long is taken for gone.
constexpr std::chrono::seconds lease_time{20};

// Names of claims are that of the gateway, with `.` and a word behind it or without.
Status release_claims_of_gone(store::Session& session, Time now) {
  const store::OutboxStore outbox;
  const auto claimants = outbox.claimants(session);
  if (!claimants) return claimants.error();
  for (const std::string& name : *claimants) {
    const std::string gateway = name.substr(0, name.find('.'));
    const auto gone = store::may_take_lease(session, gateway, "", now);
    if (!gone) return gone.error();
    if (!*gone) continue;
    if (const Status freed = outbox.release_claims(session, name); !freed) return freed;
  }
  return done;
}

}  // namespace

Result<GatewayNumber> GatewayNumber::take(store::Database& database, Time now) {
  GatewayNumber number;
  if (database.is_exclusive()) return number;
  number.shared_ = true;
  number.holder_ = random_hex_id();
  const Status taken = database.write([&](store::Session& session) -> Status {
    for (number.value_ = 0; number.value_ < store::RowIds::gateways_max; ++number.value_) {
      const auto fence = store::take_lease(session, number.name(), number.holder_, now, lease_time);
      if (!fence) return fence.error();
      number.fence_ = fence->value_or(0);
      if (*fence) return done;
    }
    return Error{ErrorKind::busy, "too many gateways use this store"};
  });
  if (!taken) return taken.error();
  return number;
}

std::string GatewayNumber::name() const {
  return shared_ ? "gateway-" + std::to_string(value_) : "gateway";
}

Status GatewayNumber::prolong(store::Database& database, Time now) const {
  if (!shared_) return done;
  return database.write(
      [&](store::Session& session) -> Status {
        const Status held = store::hold_lease(session, name(), holder_, fence_, now, lease_time,
                                              store::Prolong::when_half_over);
        return held ? release_claims_of_gone(session, now) : held;
      },
      store::Urgency::later);
}

void GatewayNumber::give_back(store::Database& database) const {
  if (!shared_) return;
  static_cast<void>(database.write(
      [&](store::Session& session) { return store::return_lease(session, name(), holder_); }));
}

}  // namespace cpis::app
