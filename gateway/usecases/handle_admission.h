#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/hl7v2/feed_settings.h"
#include "gateway/resources/resource_book.h"
#include "gateway/store/arrival_journal.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/row_ids.h"
#include "gateway/usecases/admission_batch.h"
#include "gateway/usecases/alert.h"
#include "gateway/usecases/arrival_lead.h"
#include "gateway/usecases/arrival_resources.h"
#include "gateway/usecases/check_person.h"
#include "gateway/usecases/engine_alert.h"
#include "gateway/usecases/feed_mappings.h"
#include "gateway/usecases/topics.h"

namespace cpis::usecases {

/// How arrivals of one feed are handled.
struct FeedPolicy {
  hl7v2::FeedSettings reading;
  bool check = true;
  bool process_tests = false;  ///< training and debugging messages (MSH-11) count as production
};

struct AdmissionSettings {
  std::map<std::string, FeedPolicy> feeds;  ///< by name
  rules::CheckSettings rules;
  Caller check_caller;
  std::string webhook_url;  ///< empty: no webhook
  std::string alert_file;   ///< empty: no file
  EngineWritings engines;   ///< feeds whose engine is told by HL7 v2
  bool companions = true;   ///< RelatedPerson, Location and others beside Patient and Encounter
  /// Tables of each feed; null: the published ones for all.
  std::shared_ptr<const FeedMappings> mappings;
  std::string gateway = "gateway";
};

struct AdmissionCounts {
  std::atomic<std::uint64_t> processed{0};
  std::atomic<std::uint64_t> quarantined{0};
  std::atomic<std::uint64_t> ignored{0};
  std::atomic<std::uint64_t> tests{0};  ///< training or debugging: kept, nothing follows
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> none_held{0};
  std::atomic<std::uint64_t> could_not{0};
  std::atomic<std::uint64_t> reviews{0};
  std::atomic<std::uint64_t> batches{0};
  /// How long the message that is worked on waited since it was kept; 0 when none waits.
  std::atomic<std::int64_t> behind_micros{0};

  void add(const BatchCounts& batch);
};

/// Takes kept messages out of the inbox in order and makes of them Patient, Encounter, at most one
/// check for each attendance, and the alert.
///
/// One thread of its own (start, stop). Of several gateways on one store one does this at a time
/// (arrival_lead.h). Messages are taken in batches; everything a batch changes,
/// the messages' being finished included, is one transaction. With the embedded register that
/// transaction also holds the audit of each check, the access, the notices, the outcome and the
/// alert. Any other source is asked after the commit, each question for itself. What was asked and
/// not answered when the gateway ended is asked again with the same question id if the source
/// allows that, and otherwise told as "could not be completed": it is never asked a second time.
///
/// While messages arrive in a burst, receiving goes first: batches are small and pauses lie between
/// them, the longer the shorter the oldest message has waited. Past a few seconds there is no pause
/// any more, so that how far processing is behind stays bounded (`behind_micros`).
///
/// A message whose changes the store refuses holds nobody up: the batch is taken apart, and the
/// message at fault is put aside.
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
    /// The most messages that waited to be kept since this was last asked. In a burst the writer
    /// belongs to them: an engine that waits for its acknowledgement must not wait for our
    /// processing.
    std::function<std::size_t()> arriving;
    /// Whether anybody subscribed to a topic: only then is it written what happened.
    std::function<bool(Topic)> watched = {};
    /// Where messages of a burst are until there is time for them; may be absent.
    store::ArrivalJournal* journal = nullptr;
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
  /// Messages that the store may call finished already while what they left cannot be read yet:
  /// they are still waiting for whoever asks. Ask after the store has been read. Any thread.
  std::size_t unshown() const { return unshown_; }
  /// Copies of what is known, for the operations pages. Any thread.
  std::vector<AttendanceState> attendances_of(std::string_view patient_id) const;
  struct Sizes {
    std::size_t people = 0;
    std::size_t attendances = 0;
  };
  Sizes sizes() const;

 private:
  struct Answer {
    PlannedCheck check;
    ProtectionAnswer answer;
  };

  void run();
  bool step();
  bool leads();
  void take(const store::InboxItem& item, AdmissionBatch& batch);
  void take(const AdtEvent& event, const hl7v2::Message& message, const store::InboxItem& item,
            const FeedPolicy& policy, AdmissionBatch& batch);
  void take_resource(const store::InboxItem& item, AdmissionBatch& batch);
  void use(const AdtEvent& event, const store::InboxItem& item, AdmissionChanges changes,
           AdmissionBatch& batch);
  void decide(const PlannedCheck& check, const std::string& feed, AdmissionBatch& batch);
  void announce(const std::string& attendance, const store::InboxItem& item, AdmissionBatch& batch);
  void take_answers(AdmissionBatch& batch);
  void settle(const PlannedCheck& check, const ProtectionAnswer& answer, AdmissionBatch& batch);
  void settle(AttendanceState attendance, std::optional<AlertKind> alert,
              const ProtectionRecord* record, std::string_view why, AdmissionBatch& batch);
  void tell(AlertKind kind, const AttendanceState& attendance, const ProtectionRecord* record,
            std::string_view why, AdmissionBatch& batch);
  void tell_subscribers(AlertKind kind, const AttendanceState& attendance,
                        const ProtectionRecord* record, std::string_view why,
                        AdmissionBatch& batch);
  void tell_engine(AlertKind kind, const AttendanceState& attendance,
                   const ProtectionRecord* record, AdmissionBatch& batch);
  AdtEvent announcement_of(const AttendanceState& attendance, const FeedPolicy& policy) const;
  const FeedPolicy& policy_of(const std::string& feed) const;
  std::optional<std::string> patient_of_store(std::string_view id) const;
  void take_last_answers();
  bool resolve_open_questions();

  /// Commits the batch, then shows what it changed and asks what it left open.
  Status keep(AdmissionBatch& batch);
  Status commit(AdmissionBatch& batch);
  Status claim(store::Session& session);
  void claim_beside_the_writer();
  void read_claims();
  void show(const AdmissionBatch& batch);
  void ask(const OpenQuestion& question);
  void recover(const AdmissionBatch& batch, const Error& why);
  void put_aside(const AdmissionBatch& batch, const Error& why);
  bool reload();

  std::size_t claim_size();
  bool pause(std::chrono::milliseconds time);
  void put(const AttendanceState& attendance);

  Parts parts_;
  AdmissionSettings settings_;
  store::InboxStore inbox_;
  AdmissionCounts counts_;
  std::atomic<std::size_t> unshown_{0};

  mutable std::mutex book_mutex_;  // guards known_: the thread writes, operations pages read
  AttendanceBook known_;

  // The thread's own.
  ArrivalLead lead_;
  std::shared_ptr<const FeedMappings> mappings_;
  ArrivalResources resources_;
  std::vector<store::InboxItem> claimed_;  // taken by the last commit, not worked on yet
  std::size_t claim_next_ = 0;             // how many the next commit takes
  std::size_t one_by_one_ = 0;             // messages to take alone, after a batch failed
  const AdtEvent* event_ = nullptr;        // of the message that is worked on
  std::string event_attendance_;           // which attendance it announces
  bool ahead_ = false;                     // memory is ahead of the store: load it again

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Answer> answers_;
  std::size_t open_questions_ = 0;  // asked and not yet answered
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cpis::usecases
