// HandleAdmission, as far as it is about beginning, ending and failing: what is known then is read
// from the store.

#include <algorithm>
#include <utility>

#include "gateway/observe/log.h"
#include "gateway/usecases/handle_admission.h"

namespace cpis::usecases {
namespace {

constexpr std::size_t answers_in_one_batch = 256;
constexpr std::chrono::milliseconds last_answers_time{1000};

// The store said no to what was to be written, and would say it again.
bool is_refusal(ErrorKind kind) {
  return kind == ErrorKind::conflict || kind == ErrorKind::bad_input || kind == ErrorKind::fault;
}

}  // namespace

// Whoever begins to lead knows nothing of what others did before.
bool HandleAdmission::leads() {
  if (lead_.leads()) return true;
  const Status asked = lead_.take();
  if (!asked) {
    observe::log(observe::Level::error, "admission.store_away",
                 {{"reason", asked.error().message}});
  }
  claimed_.clear();
  counts_.behind_micros = 0;
  ahead_ = lead_.leads();
  return ahead_;
}

// What was asked when the gateway ended. False when the store is away: then all of it comes again.
// What the store refuses stays open until the next start; arrivals must not wait for it.
bool HandleAdmission::resolve_open_questions() {
  const std::vector<AttendanceState> all = known_.unresolved();
  for (std::size_t at = 0; at < all.size(); at += answers_in_one_batch) {
    AdmissionBatch batch{parts_.clock.now()};
    const std::size_t end = std::min(all.size(), at + answers_in_one_batch);
    for (std::size_t i = at; i < end; ++i) {
      AttendanceState open = all[i];
      const PatientState* patient = known_.patient(open.patient_id);
      if (parts_.questions_can_be_repeated && patient != nullptr && patient->nhs_number) {
        decide({*patient->nhs_number, open.id, open.question_id}, open.feed, batch);
        continue;
      }
      ++batch.counts().could_not;
      open.check = CheckState::could_not;
      settle(std::move(open), AlertKind::could_not_ask, nullptr,
             "the gateway was restarted while the question was out", batch);
    }
    const Status kept = keep(batch);
    if (kept) continue;
    observe::log(observe::Level::error, "admission.outcomes_not_kept",
                 {{"reason", kept.error().message}});
    if (!is_refusal(kept.error().kind)) return false;
  }
  return true;
}

// Nothing of the batch was kept. Its messages are taken again one by one; one that fails alone is
// put aside, so that it holds nobody up.
void HandleAdmission::recover(const AdmissionBatch& batch, const Error& why) {
  observe::log(observe::Level::error, "admission.commit_failed", {{"reason", why.message}});
  claimed_.clear();
  ahead_ = true;
  if (is_refusal(why.kind)) put_aside(batch, why);
  lead_.doubt();
}

void HandleAdmission::put_aside(const AdmissionBatch& batch, const Error& why) {
  one_by_one_ += batch.messages();
  if (batch.messages() != 1 || batch.finished().empty()) return;
  const std::int64_t message = batch.finished().front();
  const std::string reason = "the store refused what this message changes: " + why.message;
  const Status aside = parts_.database.write([&](store::Session& session) -> Status {
    if (const Status ours = lead_.hold(session, true); !ours) return ours;
    return inbox_.quarantine(session, message, reason, parts_.clock.now());
  });
  if (aside) ++counts_.quarantined;
}

// What is in memory may be ahead of a commit that failed: start again from the store.
bool HandleAdmission::reload() {
  AttendanceBook fresh;
  const Status released = parts_.database.write([&](store::Session& session) -> Status {
    if (const Status ours = lead_.hold(session, true); !ours) return ours;
    return inbox_.release_claims(session);
  });
  const auto load = [&](store::Session& session) { return fresh.load(session); };
  Status loaded = released ? parts_.database.read(load) : released;
  if (loaded && lead_.is_shared()) {
    loaded = parts_.book.follow(parts_.database, parts_.clock.now());
  }
  if (!loaded) {
    observe::log(observe::Level::error, "admission.store_away",
                 {{"reason", loaded.error().message}});
    lead_.doubt();
    return false;
  }
  {
    const std::lock_guard lock{book_mutex_};
    known_ = std::move(fresh);
  }
  claim_next_ = 0;
  ahead_ = !resolve_open_questions();
  return !ahead_;
}

// At the end: outcomes that are about to come are kept now, and not found out after the restart. A
// source that takes its time is not waited for; its questions are resolved at the next start.
void HandleAdmission::take_last_answers() {
  if (ahead_ || !lead_.leads()) return;
  claim_next_ = 0;
  AdmissionBatch last{parts_.clock.now()};
  resources_.begin();
  for (const store::InboxItem& item : std::exchange(claimed_, {})) take(item, last);
  if (!keep(last)) return;
  {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, last_answers_time, [&] { return open_questions_ == 0; });
  }
  AdmissionBatch answered{parts_.clock.now()};
  take_answers(answered);
  if (!answered.empty()) static_cast<void>(keep(answered));
}

}  // namespace cpis::usecases
