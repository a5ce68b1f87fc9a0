#include "gateway/usecases/arrival_lead.h"

#include <string_view>

#include "gateway/edge/ids.h"
#include "gateway/store/counters.h"

namespace cpis::usecases {
namespace {

constexpr std::string_view lease_name = "arrivals";
// How long arrivals wait at the most when the gateway that leads is gone.
constexpr std::chrono::seconds lease_time{10};

}  // namespace

ArrivalLead::ArrivalLead(store::Database& database, const Clock& clock)
    : database_{database},
      clock_{clock},
      shared_{!database.is_exclusive()},
      holder_{random_hex_id()} {}

Status ArrivalLead::take() {
  const auto fence = store::ask_for_lease(database_, lease_name, holder_, clock_.now(), lease_time);
  fence_ = fence ? fence->value_or(0) : 0;
  return fence ? done : Status{fence.error()};
}

Status ArrivalLead::hold(store::Session& session, bool decided) const {
  if (!shared_) return done;
  return store::hold_lease(session, lease_name, holder_, fence_, clock_.now(), lease_time,
                           decided ? store::Prolong::always : store::Prolong::when_half_over);
}

void ArrivalLead::give_back() {
  if (!shared_ || fence_ == 0) return;
  fence_ = 0;
  static_cast<void>(database_.write(
      [&](store::Session& session) { return store::return_lease(session, lease_name, holder_); }));
}

}  // namespace cpis::usecases
