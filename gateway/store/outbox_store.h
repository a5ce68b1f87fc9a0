#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"

namespace cpis::store {

enum class OutboxState : std::int64_t { waiting = 0, working = 1, delivered = 2, dead = 3 };

/// Something to deliver. Views; they need to live until `append` returns.
struct NewDelivery {
  std::int64_t id;  ///< from RowIds, asked for before the work is queued
  std::string_view kind;
  std::string_view destination;
  /// Deliveries to one destination with one key go out in the order of their ids.
  std::optional<std::string_view> order_key;
  std::string_view correlation_id;
  std::string_view content_type;
  std::string_view payload;
  Time created_at;
};

struct OutboxItem {
  std::int64_t id;
  std::string kind;
  std::string destination;
  std::optional<std::string> order_key;
  std::string correlation_id;
  std::string content_type;
  std::string payload;
  Time created_at;
  Time next_attempt_at;
  OutboxState state;
  int attempts;  ///< including the one under way
  std::string last_error;
};

struct OutboxSummary {
  std::int64_t waiting = 0;
  std::int64_t working = 0;
  std::int64_t dead = 0;
  std::optional<Time> oldest_open;  ///< making of the oldest delivery still owed
};

/// When to try again: `first` after the first failure, doubling up to `longest`, each shifted by up
/// to a quarter so that many failures do not come back together. Dead after `attempts_max`.
struct RetryPolicy {
  Duration first = std::chrono::seconds{5};
  Duration longest = std::chrono::minutes{15};
  int attempts_max = 200;

  /// The shift depends on the id, so one item has one answer.
  Duration delay_after(int attempts, std::int64_t id) const;
};

/// Which deliveries whoever claims can make; empty: any.
struct OutboxWanted {
  std::string_view kind = {};
  std::string_view destination = {};
  std::array<std::string_view, 3> not_kinds = {};
};

/// Deliveries owed, kept until the other side has them or a person gave up on them. All functions
/// run inside the caller's work. At least once: a delivery whose success could not be noted is made
/// again, so payloads carry an id the receiver can recognise.
class OutboxStore {
 public:
  struct Settings {
    RetryPolicy retry;
    /// How long a delivery may be under way before another gateway may take it.
    Duration claim_time = std::chrono::minutes{5};
  };
  OutboxStore() = default;
  explicit OutboxStore(const Settings& settings) : settings_{settings} {}

  /// One insert; running it again with the same id changes nothing.
  Status append(Session& session, const NewDelivery& delivery) const;

  /// Takes up to `max` deliveries that are due, at most one for each destination and order key and
  /// none that has an older one open.
  Result<std::vector<OutboxItem>> claim(Session& session, std::string_view gateway, Time now,
                                        std::size_t max, const OutboxWanted& wanted = {}) const;
  /// What waits behind `item` with its kind, destination and order key, in order, at most `max`.
  /// `item` has an order key and is under way.
  Result<std::vector<OutboxItem>> behind(Session& session, const OutboxItem& item,
                                         std::size_t max) const;
  /// Makes `item`, which is under way, one delivery for itself and `others`, which were behind it:
  /// it takes the payload, they go without a trace. `conflict` when one is not there any more.
  Status join(Session& session, const OutboxItem& item, std::string_view payload,
              const std::vector<OutboxItem>& others) const;
  /// At start: what this gateway was delivering when it ended is due again.
  Status release_claims(Session& session, std::string_view gateway) const;
  /// Who is delivering something, each once.
  Result<std::vector<std::string>> claimants(Session& session) const;
  /// When the next waiting delivery becomes due, if any waits.
  Result<std::optional<Time>> next_due(Session& session) const;

  /// `conflict` when the delivery is not under way.
  Status delivered(Session& session, std::int64_t id, Time now) const;
  /// Notes a failed attempt; gives `dead` after the last one the policy allows, else `waiting`. A
  /// dead delivery no longer holds up those behind it. No patient data in `error`; over 500
  /// characters are cut.
  Result<OutboxState> failed(Session& session, std::int64_t id, std::string_view error,
                             Time now) const;
  /// The other side refused it for good: dead at once.
  Status refused(Session& session, std::int64_t id, std::string_view error, Time now) const;
  /// Takes back what is owed to a destination and not delivered, without a trace: nobody waits for
  /// it any more.
  Status withdraw(Session& session, std::string_view kind, std::string_view destination) const;
  /// A person asks for another round of attempts. `not_found` when it is not dead.
  Status requeue(Session& session, std::int64_t id, Time now) const;

  Result<std::optional<OutboxItem>> find(Session& session, std::int64_t id) const;
  /// Dead deliveries after `after`, by id.
  Result<std::vector<OutboxItem>> dead(Session& session, std::int64_t after, std::size_t max) const;
  Result<OutboxSummary> summary(Session& session) const;
  /// Deletes up to `max` delivered items made before `before`; gives how many.
  Result<std::int64_t> purge(Session& session, Time before, std::size_t max) const;

 private:
  Settings settings_;
};

}  // namespace cpis::store
