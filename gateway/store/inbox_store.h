#pragma once

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

/// What became of a message.
enum class InboxState : std::int64_t { waiting = 0, working = 1, finished = 2, quarantined = 3 };

/// A message that arrived. Views; they need to live until `keep` returns.
struct NewMessage {
  std::int64_t id;                ///< from RowIds, asked for before the work is queued
  std::string_view feed;          ///< the door it came in by, as configured
  std::string_view sender;        ///< who sent it, for example MSH-3 and MSH-4
  std::string_view control_id;    ///< the sender's own id of the message; may be empty
  std::string_view content_hash;  ///< 32 bytes, of what makes two messages the same
  Time received_at;
  std::string_view body;
  /// Messages of one key are worked on in the order of arrival; without one, in any order.
  std::optional<std::string_view> patient_key;
  std::optional<Time> event_at;
};

/// The answer to `keep`.
struct Kept {
  bool duplicate;   ///< we hold it already: acknowledge it, do nothing else
  std::int64_t id;  ///< of the row that holds it
  InboxState state;
};

struct InboxItem {
  std::int64_t id;
  std::string feed;
  std::string sender;
  std::string control_id;
  Time received_at;
  std::string body;
  InboxState state;
  int attempts;  ///< including the one under way
  std::optional<std::string> patient_key;
  std::optional<Time> event_at;
  std::string reason;
};

struct InboxSummary {
  std::int64_t waiting = 0;
  std::int64_t working = 0;
  std::int64_t quarantined = 0;
  std::optional<Time> oldest_open;  ///< arrival of the oldest message not yet settled
};

/// Which messages are wanted, by id and so by time of arrival; empty: any.
struct InboxWanted {
  std::int64_t after = 0;  ///< ids greater than this
  std::int64_t last = INT64_MAX;
  std::string_view feed = {};
  std::optional<InboxState> state = {};
};

/// One feed as far as messages wait or are put aside.
struct FeedBacklog {
  std::string feed;
  std::int64_t open = 0;
  std::int64_t quarantined = 0;
  std::optional<Time> oldest_open;
};

/// Messages that arrived, kept before they are acknowledged. All functions run inside the caller's
/// work, so that what follows from a message is committed together with its being finished.
class InboxStore {
 public:
  struct Settings {
    /// A message with the sender, control id and content of one this old is taken as new.
    Duration duplicate_window = std::chrono::hours{24 * 7};
    /// How long a claimed message may be worked on before another gateway may take it.
    Duration claim_time = std::chrono::minutes{5};
    /// False in a store that only one gateway writes (Database::is_exclusive): it knows what it is
    /// working on, so a message is written once more, when it is settled, and not twice. `claim`
    /// then gives everything that is open: settle what it gave before claiming again.
    bool marks_claims = true;
  };
  InboxStore() = default;
  explicit InboxStore(const Settings& settings) : settings_{settings} {}

  /// One insert for a new message. Running it again with the same id changes nothing.
  Result<Kept> keep(Session& session, const NewMessage& message) const;

  /// Takes up to `max` messages, oldest first, at most one for each patient key and none whose
  /// patient has an older one open.
  Result<std::vector<InboxItem>> claim(Session& session, std::string_view gateway, Time now,
                                       std::size_t max) const;
  /// For whoever begins to work on messages alone: what anybody had begun is waiting again.
  Status release_claims(Session& session) const;

  /// `conflict` when the message is not being worked on (it was taken over by another gateway).
  Status finish(Session& session, std::int64_t id, Time now) const;
  /// Puts a message aside for a person; later messages of the patient go on. No patient data in
  /// `reason`; over 500 characters are cut.
  Status quarantine(Session& session, std::int64_t id, std::string_view reason, Time now) const;
  /// Something we depend on is away: try again at `at`. The patient's later messages wait.
  Status retry_at(Session& session, std::int64_t id, Time at, std::string_view reason) const;
  /// A person put the cause right: a quarantined message waits again. `not_found` otherwise.
  Status requeue(Session& session, std::int64_t id) const;

  Result<std::optional<InboxItem>> find(Session& session, std::int64_t id) const;
  /// Quarantined messages after `after`, by id.
  Result<std::vector<InboxItem>> quarantined(Session& session, std::int64_t after,
                                             std::size_t max) const;
  /// Messages without their bodies, in order of arrival.
  Result<std::vector<InboxItem>> list(Session& session, const InboxWanted& wanted,
                                      std::size_t max) const;
  /// Makes up to `max` finished or quarantined messages wait again, oldest first; gives how many.
  /// They are worked on in the order of their first arrival, before anything newer.
  Result<std::int64_t> replay(Session& session, const InboxWanted& wanted, std::size_t max) const;
  Result<std::vector<FeedBacklog>> backlog(Session& session) const;
  Result<InboxSummary> summary(Session& session) const;
  /// Deletes up to `max` messages that were settled and arrived before `before`; gives how many.
  /// Quarantined ones stay. Keep at least the duplicate window.
  Result<std::int64_t> purge(Session& session, Time before, std::size_t max) const;

 private:
  std::int64_t state_under_way() const;
  /// An attempt is counted when it is marked, else when it is settled.
  std::int64_t attempt() const { return settings_.marks_claims ? 0 : 1; }

  Settings settings_;
};

}  // namespace cpis::store
