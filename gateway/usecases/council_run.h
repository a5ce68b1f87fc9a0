#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/upload.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/difference.h"
#include "adapters/social_care/known_book.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/upload_records.h"
#include "adapters/social_care/work_list.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"
#include "gateway/usecases/council_transport.h"

namespace cpis::usecases {

/// Two people who looked at an extract that was held and let it go. One person alone decides
/// nothing.
struct Release {
  std::string by;
  std::string and_by;
  bool deletes = false;  ///< they also approve every delete that the extract asks for
  /// An operator wants everything sent again that CP-IS holds by our memory. Needs nobody else.
  bool resync = false;

  /// Both are named, and they are not the same person.
  bool stands() const;
};

/// What one run of one council came to.
struct RunOutcome {
  Findings held;  ///< why nothing of the extract was sent (F02, F03); empty when it was not held
  std::size_t changes = 0;       ///< records that differ from what CP-IS holds
  std::size_t unchanged = 0;     ///< CP-IS holds them as they are
  std::size_t unrepaired = 0;    ///< refused before and not corrected since: not sent again
  std::size_t doubts = 0;        ///< vanished, moved, to be deleted, number changed: not sent
  std::size_t records_sent = 0;  ///< records of the upload, each with one to three plans
  std::optional<UploadResult> upload;
  /// The number of the upload that is on its way; its answer is dealt with when it comes.
  std::optional<std::int64_t> under_way;
  bool resubmit = false;      ///< CP-IS could not take it now (CPF05): run it again later
  Findings refusals;          ///< place and code of each plan that was refused
  std::size_t open_work = 0;  ///< items on the council's work list
};

/// One extract of one council against what CP-IS holds of it (socialcare.md 2.3, 6, 8): only what
/// changed is sent, as one upload with the council's next number; a missing row ends nothing; an
/// extract that looks wrong is held whole until two people release it. Every step is durable before
/// the next, so a run that was cut off is completed by the next one. One run of a council at a
/// time.
///
/// Records are taken as they come and only those that change something are kept: memory is that of
/// the council's memory and of the upload.
class CouncilRun {
 public:
  struct Parts {
    store::Database& database;
    registry::Register& registry;
    const Clock& clock;
    const social_care::Profile& profile;
    CouncilTransport& transport;
  };
  /// With `dry_run` it says what would be sent and changes nothing.
  CouncilRun(Parts parts, Release release, bool dry_run);

  /// Recalls what CP-IS holds; once, before the first record.
  Status begin();
  void take(social_care::CanonicalRecord&& record);
  /// Sends; once, after the last record. `counts` and `extract` are those of the whole extract.
  Result<RunOutcome> finish(const social_care::Counts& counts,
                            const social_care::ExtractIdentity& extract);

 private:
  using Known = social_care::KnownRecord;

  Status recall();
  Status settle(std::int64_t sequence);
  void guard_extract(const social_care::ExtractIdentity& extract);
  Status keep_release(const social_care::ExtractIdentity& extract);
  Status send(const social_care::ExtractIdentity& extract);
  Status put_sent(std::int64_t sequence);
  Status put(std::span<const Known> next);
  Status take_answer(const UploadResult& result, std::int64_t sequence);
  Status put_accepted(const std::vector<std::string>& people, std::int64_t sequence);
  void note_refusal(const RecordResult& result, const social_care::SentPlan& plan);
  Status show_doubts();
  Status conclude(const social_care::Counts& counts, const social_care::ExtractIdentity* used);
  Result<std::vector<social_care::InactiveNumber>> inactive() const;

  Parts parts_;
  const std::string& council_;
  const Release release_;
  const bool dry_run_;
  const Date today_;

  social_care::KnownBook known_;
  std::optional<social_care::ExtractIdentity> last_;
  std::vector<social_care::WorkEntry> work_;
  social_care::Approvals approvals_;
  std::optional<social_care::Comparison> comparison_;
  social_care::Difference difference_;
  social_care::WorkItems items_;
  social_care::UploadBuilder builder_;
  social_care::UploadDraft draft_;
  RunOutcome outcome_;
};

}  // namespace cpis::usecases
