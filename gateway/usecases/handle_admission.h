#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/core/ports/clock.h"
#include "adapters/hl7v2/feed_settings.h"
#include "gateway/resources/resource_book.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"
#include "gateway/usecases/admission_changes.h"
#include "gateway/usecases/alert.h"
#include "gateway/usecases/check_person.h"

namespace cpis::usecases {

/// How arrivals of one feed are handled.
struct FeedPolicy {
  hl7v2::FeedSettings reading;
  bool check = true;
};

struct AdmissionSettings {
  std::map<std::string, FeedPolicy> feeds;  ///< by name
  rules::CheckSettings rules;
  Caller check_caller;
  std::string webhook_url;  ///< empty: no webhook
  std::string alert_file;   ///< empty: no file
  std::string gateway = "gateway";
};

struct AdmissionCounts {
  std::atomic<std::uint64_t> processed{0};
  std::atomic<std::uint64_t> quarantined{0};
  std::atomic<std::uint64_t> ignored{0};
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> none_held{0};
  std::atomic<std::uint64_t> could_not{0};
  std::atomic<std::uint64_t> reviews{0};
};

/// Takes kept messages out of the inbox in order and makes of them Patient, Encounter, at most one
/// check for each attendance, and the alert.
///
/// One thread of its own (start, stop). Everything a message changes, its being finished included,
/// is one transaction; the question goes out after that commit. What was asked and not answered
/// when the gateway ended is asked again with the same question id if the source allows that, and
/// otherwise told as "could not be completed": it is never asked a second time.
class HandleAdmission {
 public:
  struct Parts {
    store::Database& database;
    const Clock& clock;
    store::RowIds& ids;
    CheckPerson& check;
    resources::ResourceBook& book;
    bool questions_can_be_repeated = true;  ///< the embedded register: same id, same question
    std::function<void()> alert_waiting;    ///< wakes whoever delivers
    /// How many messages wait to be kept right now. In a burst the writer belongs to them: an
    /// engine that waits for its acknowledgement must not wait for our processing.
    std::function<std::size_t()> arriving;
  };
  HandleAdmission(const Parts& parts, AdmissionSettings settings);
  ~HandleAdmission();

  /// Loads what is known and starts. Call once.
  Status start();
  /// Finishes the batch at hand and ends. Safe to call twice.
  void stop();
  /// A message was kept: look at the inbox now. Any thread.
  void wake();

  const AdmissionCounts& counts() const { return counts_; }
  /// Copies of what is known, for the operations pages. Any thread.
  std::vector<AttendanceState> attendances_of(std::string_view patient_id) const;
  struct Sizes {
    std::size_t people = 0;
    std::size_t attendances = 0;
  };
  Sizes sizes() const;

 private:
  void run();
  bool take_batch();
  void take(const store::InboxItem& item);
  void apply(const store::InboxItem& item, AdmissionChanges changes);
  void ask(const PlannedCheck& check, const std::string& feed);
  void take_answers();
  void take_last_answers();
  void take_answer(const PlannedCheck& check, const ProtectionAnswer& answer);
  void resolve_open_questions();
  /// Keeps the outcome of a check and, when there is something to tell, the alert.
  void keep_outcome(AttendanceState attendance, std::optional<AlertKind> alert,
                    const ProtectionRecord* record, const std::string& why);
  struct Deliveries;
  Deliveries deliveries(AlertKind kind, const AttendanceState& attendance,
                        const ProtectionRecord* record, const std::string& why);
  void quarantine(const store::InboxItem& item, const std::string& reason);
  /// Queues work and waits while too much is under way; the store's limit is not ours to hit.
  void submit(store::Work work, std::function<void()> committed);
  void wait_for_commits(std::size_t open_max);
  void give_way();
  bool reload();

  Parts parts_;
  AdmissionSettings settings_;
  store::InboxStore inbox_;
  store::OutboxStore outbox_;
  AdmissionCounts counts_;

  mutable std::mutex book_mutex_;  // guards known_: the thread writes, operations pages read
  AttendanceBook known_;

  std::mutex mutex_;
  std::condition_variable changed_;
  struct Answer {
    PlannedCheck check;
    ProtectionAnswer answer;
  };
  std::vector<Answer> answers_;
  std::size_t open_questions_ = 0;  // asked and not yet answered
  bool woken_ = false;
  bool stopping_ = false;
  std::size_t open_works_ = 0;  // submitted and not yet committed
  bool failed_ = false;         // a commit failed: what is in memory is ahead of the store
  std::thread thread_;
};

}  // namespace cpis::usecases
