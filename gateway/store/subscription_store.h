#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::store {

/// Something that somebody may have subscribed to.
struct Happening {
  std::string id;  ///< unique; the same for every attempt to write it
  Time at{};
  std::string topic;                ///< name of the topic
  std::string organisation;         ///< ODS code: where it happened, or which council is concerned
  std::string subject;              ///< whose record: NHS number, or FHIR id of the patient
  std::string focus;                ///< `Encounter/ID`: the resource it is about
  std::string content;              ///< FHIR JSON, a Bundle of the resources; may be empty
  std::string correlation_id = {};  ///< of the arrival, look or upload; up to 64 characters count
};

/// A happening as one subscription counts it.
struct SubscriptionEvent {
  std::int64_t number = 0;  ///< from 1 without gaps within the subscription
  Happening what;
};

/// Happenings and the numbered events of each subscription. All functions run inside the caller's
/// work.
class SubscriptionStore {
 public:
  /// Writes it in the transaction of its cause; again with the same id changes nothing.
  Status note(Session& session, const Happening& happening) const;
  /// What has not been shared out, oldest first, at most `max`.
  Result<std::vector<Happening>> waiting(Session& session, std::size_t max) const;
  /// Marks it as shared out. `conflict` when another gateway did so.
  Status share_out(Session& session, std::string_view happening) const;

  /// Gives the subscription its next event; its number.
  Result<std::int64_t> add_event(Session& session, std::string_view subscription,
                                 const Happening& happening) const;
  /// 0 when there was none yet.
  Result<std::int64_t> last_event(Session& session, std::string_view subscription) const;
  /// Events with `from` <= number <= `to`, in order, at most `max`.
  Result<std::vector<SubscriptionEvent>> events(Session& session, std::string_view subscription,
                                                std::int64_t from, std::int64_t to,
                                                std::size_t max) const;

  /// Deletes up to `max` events and as many happenings from before `before`; gives how many. The
  /// numbers of a subscription go on.
  Result<std::int64_t> purge(Session& session, Time before, std::size_t max) const;
};

}  // namespace cpis::store
