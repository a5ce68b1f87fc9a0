#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/upload.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/difference.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/work_list.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

/// Two people who looked at an extract that was held and let it go. One person alone decides
/// nothing.
struct Release {
  std::string by;
  std::string and_by;
  bool deletes = false;  ///< they also approve every delete that the extract asks for

  /// Both are named, and they are not the same person.
  bool stands() const;
};

/// Hands an upload to CP-IS and gives its answer. An Error: nothing is known of what became of it.
using UploadDoor = std::function<Result<UploadResult>(const UploadFile&)>;

/// What one run of one council came to.
struct RunOutcome {
  Findings held;  ///< why nothing of the extract was sent (F02, F03); empty when it was not held
  std::size_t changes = 0;       ///< records that differ from what CP-IS holds
  std::size_t unchanged = 0;     ///< CP-IS holds them as they are
  std::size_t unrepaired = 0;    ///< refused before and not corrected since: not sent again
  std::size_t doubts = 0;        ///< vanished, moved, to be deleted, number changed: not sent
  std::size_t records_sent = 0;  ///< records of the upload, each with one to three plans
  std::optional<UploadResult> upload;
  Findings refusals;          ///< place and code of each plan that was refused
  std::size_t open_work = 0;  ///< items on the council's work list
};

/// One extract of one council against what CP-IS holds of it (socialcare.md 2.3, 6, 8): only what
/// changed is sent, as one upload with the council's next number; a missing row ends nothing; an
/// extract that looks wrong is held whole until two people release it. Every step is durable before
/// the next, so a run that was cut off is completed by the next one. One run of a council at a
/// time.
class CouncilRun {
 public:
  struct Parts {
    store::Database& database;
    registry::Register& registry;
    const Clock& clock;
    const social_care::Profile& profile;
    UploadDoor door;
  };
  CouncilRun(Parts parts, const std::vector<social_care::CanonicalRecord>& records,
             const social_care::Counts& counts, social_care::ExtractIdentity extract);

  /// With `dry_run` says what would be sent and changes nothing.
  Result<RunOutcome> run(const Release& release, bool dry_run);

 private:
  using Known = social_care::KnownRecord;

  Status recall(bool dry_run);
  Status settle(std::int64_t sequence, bool dry_run);
  void compare(const Release& release);
  Status keep_release(const Release& release);
  std::vector<UploadRecord> grouped();
  Status send();
  Status put(const std::vector<Known>& next);
  Status take_answer(const UploadResult& result, std::int64_t sequence);
  Status conclude(bool used);
  Result<std::vector<social_care::InactiveNumber>> inactive() const;
  Known& known_of(const social_care::RecordKey& key);

  Parts parts_;
  const std::string& council_;
  const std::vector<social_care::CanonicalRecord>& records_;
  const social_care::Counts& counts_;
  social_care::ExtractIdentity extract_;
  Date today_;

  std::vector<Known> known_;
  std::unordered_map<social_care::RecordKey, std::size_t, social_care::RecordKeyHash> by_key_;
  std::optional<social_care::ExtractIdentity> last_;
  std::vector<social_care::WorkEntry> work_;
  social_care::Difference difference_;
  std::vector<social_care::CanonicalRecord> sent_;
  /// For each record of the upload: the positions in `sent_` of its plans.
  std::vector<std::vector<std::size_t>> groups_;
  RunOutcome outcome_;
};

}  // namespace cpis::usecases
