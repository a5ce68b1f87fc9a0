#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "gateway/resources/resource_book.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/subscription_store.h"
#include "gateway/usecases/notification.h"
#include "gateway/usecases/subscriber_rights.h"
#include "gateway/usecases/subscriber_sockets.h"
#include "gateway/usecases/write_resources.h"

namespace cpis::usecases {

/// Kind of the outbox rows of subscriptions; their destination is the subscription's id.
inline constexpr std::string_view subscription_kind = "subscription";
/// The same of those whose subscriber comes to us: they wait, without attempts, until it does.
inline constexpr std::string_view websocket_kind = "websocket";

/// One call to a subscriber.
struct SubscriberCall {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int timeout_seconds = 10;
};

struct SubscriberCounts {
  std::atomic<std::uint64_t> events{0};     ///< numbered for a subscription
  std::atomic<std::uint64_t> delivered{0};  ///< notifications of events that were taken
  std::atomic<std::uint64_t> failed{0};     ///< attempts of any kind that were not
  std::atomic<std::uint64_t> handshakes{0};
  std::atomic<std::uint64_t> heartbeats{0};
  std::atomic<std::uint64_t> given_up{0};  ///< subscriptions that went to `error`
};

/// Brings happenings to those who subscribed to them: shares each out to the subscriptions it is
/// for (their next number, one transaction for all of them), then sends what the outbox holds, in
/// order for each subscription, with back-off and jitter. After the last attempt that the policy
/// allows the subscription goes to `error`, with the reason; its events stay and can be read by
/// `$events`. A requested subscription becomes active when its endpoint answers a handshake.
///
/// One that states `backport-max-count` gets as many events in one notification as it allows, of
/// those that wait when it is first tried; a notification that failed is repeated as it was.
///
/// A subscription with the channel `websocket` is told while its owner holds a connection: each
/// time it is bound it gets a handshake, then what waits, in order. While nobody is there its
/// events wait and nothing counts as an attempt.
///
/// What discloses a person is in the audit, durably, before it is sent, and is sent only when the
/// owner may still be told. One thread of its own, with a few more while it sends.
class TellSubscribers {
 public:
  using Post = std::function<Result<int>(const SubscriberCall& call)>;
  struct Parts {
    store::Database& database;
    const Clock& clock;
    store::RowIds& ids;
    resources::ResourceBook& book;
    WriteResources& writes;
    const SubscriberRights& rights;
    Post post;
    std::function<std::string()> base;  ///< of references: `https://host/FHIR/R4`
    store::RetryPolicy retry{};
    /// Who claims deliveries: a name of its own, so that a start frees nobody else's.
    std::string gateway = "gateway.subscriptions";
  };
  explicit TellSubscribers(Parts parts);
  ~TellSubscribers();

  /// How subscribers that come to us are reached. Before `load`; it outlives this.
  void use(SubscriberSockets& sockets) { sockets_ = &sockets; }
  /// Reads the subscriptions; from then on `watched` is true where somebody is to be told.
  void load() { refresh(); }
  Status start();
  void stop();
  void wake();
  /// One bounded pass; gives how many calls were made. For tests and `start`'s thread.
  Result<std::size_t> step();

  /// Whether anybody is to be told about this topic. Any thread.
  bool watched(Topic topic) const { return watched_[static_cast<std::size_t>(topic)]; }
  const SubscriberCounts& counts() const { return counts_; }

 private:
  struct Known {
    resources::EntryPtr entry;
    std::optional<Subscription> subscription;  ///< nothing: it cannot be read any more
    Time told{};
    int handshakes = 0;
    Time handshake_due{};
    bool greet = false;  ///< bound anew: a handshake comes before anything else
  };
  enum class CallKind : std::uint8_t { handshake, heartbeat, event };
  struct Job {
    CallKind kind = CallKind::event;
    Subscription subscription;
    store::OutboxItem item;  ///< of events
    std::vector<store::SubscriptionEvent> events;
    SubscriberCall call;
    bool taken = false;
    bool gone = false;  ///< the other side says that the endpoint is gone for good
    std::string trouble;
  };

  void run();
  void refresh();
  void end_what_is_over(Time now);
  void add_greetings(std::vector<Job>& jobs, Time now);
  Status prepare(store::Session& session, Time now, std::vector<Job>& jobs);
  Status share_out(store::Session& session, Time now);
  Status take_due(store::Session& session, Time now, std::vector<Job>& jobs);
  Status take_for_sockets(store::Session& session, Time now, std::vector<Job>& jobs);
  Result<std::vector<store::SubscriptionEvent>> events_of(store::Session& session,
                                                          const Subscription& subscription,
                                                          const store::OutboxItem& item) const;
  Status take_item(store::Session& session, Time now, const store::OutboxItem& item,
                   std::vector<Job>& jobs);
  Status withdraw_dropped(store::Session& session);
  bool is_bound(const std::string& id) const;
  bool is_greeted(const std::string& id) const;
  Status note_results(store::Session& session, Time now);
  Status audit(store::Session& session, const Job& job, const store::SubscriptionEvent& event,
               Time now) const;
  void compose(Job& job, Time now) const;
  void send_all(std::vector<Job>& jobs) const;
  void send(Job& job) const;
  void conclude(Job& job, Time now);
  void change_status(const Subscription& subscription, std::string_view status,
                     const std::string& error);

  Parts parts_;
  SubscriberSockets* sockets_ = nullptr;  ///< null: no websockets are served
  store::OutboxStore outbox_;
  store::SubscriptionStore store_;
  SubscriberCounts counts_;
  std::array<std::atomic<bool>, 4> watched_{};
  // The thread's own.
  std::map<std::string, Known, std::less<>> known_;  // by id
  std::vector<Job> tried_;                           // events sent by the last pass, not noted yet
  std::vector<std::string> dropped_;  // websockets' subscriptions that are not served any more
  std::string turn_;                  // the last websocket's subscription that had its turn
  std::string next_turn_;             // the same once `prepare` is committed
  std::size_t shared_ = 0;            // events by the last commit
  std::map<std::string, std::string> ended_;  // subscriptions to put to `error`, with the reason

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cpis::usecases
