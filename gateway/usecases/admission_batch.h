#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/store/inbox_store.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/subscription_store.h"
#include "gateway/usecases/admission_changes.h"
#include "gateway/usecases/check_person.h"

namespace cpis::usecases {

/// Something to be delivered because of an attendance.
struct AttendanceDelivery {
  std::int64_t id;
  std::string_view kind;
  std::string destination;
  std::string order_key;
  std::string correlation;
  std::string content_type;
  std::string payload;
};

/// A check that a source outside this store is to be asked, once the batch is committed.
struct OpenQuestion {
  PlannedCheck check;
  std::string feed;
};

/// Which message announced an attendance whose engine is to be told.
struct Announcement {
  std::string attendance_id;
  std::int64_t message = 0;
};

/// A message that cannot be used.
struct SetAside {
  std::int64_t message;
  std::string reason;
  std::string feed;
};

/// What became of a batch's messages and checks. Counted once it is committed: a batch that fails
/// is taken again.
struct BatchCounts {
  std::uint64_t processed = 0;
  std::uint64_t ignored = 0;
  std::uint64_t tests = 0;
  std::uint64_t asked = 0;
  std::uint64_t records = 0;
  std::uint64_t none_held = 0;
  std::uint64_t could_not = 0;
  std::uint64_t reviews = 0;
};

/// Everything that some messages, and some answers that came, change together: one transaction.
///
/// What later messages of the batch say about the same person, link or attendance replaces what
/// earlier ones said; each version of a resource is kept. One thread at a time.
class AdmissionBatch {
 public:
  explicit AdmissionBatch(Time now) : now_{now} {}

  /// Takes everything but the check and the review, which are the caller's to act on.
  void add(AdmissionChanges& changes);
  void put(const AttendanceState& attendance);
  void add(JoinedCheck check) { checks_.push_back(std::move(check)); }
  void add(OpenQuestion question) { questions_.push_back(std::move(question)); }
  void add(AttendanceDelivery delivery) { deliveries_.push_back(std::move(delivery)); }
  void add(store::Happening happening) { happenings_.push_back(std::move(happening)); }
  void add(Announcement announcement) { announcements_.push_back(std::move(announcement)); }
  void finish(std::int64_t message) { finished_.push_back(message); }
  void set_aside(SetAside message) { aside_.push_back(std::move(message)); }

  bool empty() const;
  Time now() const { return now_; }
  BatchCounts& counts() { return counts_; }
  const BatchCounts& counts() const { return counts_; }
  /// The newest body of a resource that this batch writes; empty when it does not.
  std::string_view body_of(std::string_view type, std::string_view id) const;

  /// Writes it all. May run several times; `change_ids` has one id for each of `resources`.
  Status store(store::Session& session, const CheckPerson& check, const store::InboxStore& inbox,
               const std::vector<std::int64_t>& change_ids);

  const std::vector<ResourceBody>& resources() const { return resources_; }
  /// What became of one of `resources`.
  struct WrittenResource {
    std::int64_t version = 0;                ///< 0: there was nothing to write any more
    std::optional<std::string> remade = {};  ///< the body, when somebody else had written first
  };
  /// Of each of `resources`, once it was stored.
  const std::vector<WrittenResource>& written() const { return written_; }
  const std::vector<JoinedCheck>& checks() const { return checks_; }
  const std::vector<OpenQuestion>& questions() const { return questions_; }
  const std::vector<AttendanceDelivery>& deliveries() const { return deliveries_; }
  /// Whether somebody is to be told something.
  bool has_news() const { return !deliveries_.empty() || !happenings_.empty(); }
  std::size_t messages() const { return finished_.size() + aside_.size(); }
  const std::vector<std::int64_t>& finished() const { return finished_; }
  const std::vector<SetAside>& aside() const { return aside_; }

 private:
  Status store_resources(store::Session& session, const std::vector<std::int64_t>& change_ids);
  Status store_resource(store::Session& session, std::size_t i, std::int64_t change_id,
                        std::unordered_map<std::string, std::string>& remade);
  Status store_states(store::Session& session) const;
  Status store_deliveries(store::Session& session) const;
  Status settle_messages(store::Session& session, const store::InboxStore& inbox) const;

  Time now_;
  BatchCounts counts_;
  std::vector<ResourceBody> resources_;
  std::vector<WrittenResource> written_;
  std::unordered_map<std::string, PatientState> patients_;        // by id
  std::unordered_map<std::string, std::string> links_;            // identity -> patient id
  std::unordered_map<std::string, AttendanceState> attendances_;  // by id
  std::vector<JoinedCheck> checks_;
  std::vector<OpenQuestion> questions_;
  std::vector<AttendanceDelivery> deliveries_;
  std::vector<store::Happening> happenings_;
  std::vector<Announcement> announcements_;
  std::vector<std::int64_t> finished_;
  std::vector<SetAside> aside_;
};

}  // namespace cpis::usecases
