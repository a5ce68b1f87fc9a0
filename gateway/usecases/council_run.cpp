#include "gateway/usecases/council_run.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "adapters/social_care/upload_records.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/counters.h"
#include "gateway/usecases/council_book.h"

namespace cpis::usecases {
namespace {

using social_care::Approval;
using social_care::CanonicalRecord;
using social_care::FileAction;
using social_care::KnownRecord;
using social_care::Life;
using social_care::RecordKey;

// Records in one transaction: whatever else the gateway writes waits only milliseconds.
constexpr std::size_t records_in_one_work = 2000;

std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isspace(byte) == 0) out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

Finding refusal_of(const RecordResult& result, const CanonicalRecord& record) {
  Finding finding;
  finding.rule = result.code;
  finding.text = result.outcome == RecordOutcome::unknown
                     ? "refused"
                     : std::string{words_of(result.outcome).display};
  if (!result.detail.empty()) finding.text += ": " + result.detail;
  if (!record.rows.empty()) {
    finding.source = record.rows.front().file;
    finding.line = record.rows.front().line;
  }
  return finding;
}

// An answer for each of `count` records: what a file's answer leaves out is loaded when all were,
// and otherwise not known to be loaded.
std::vector<RecordResult> answers_of(const UploadResult& result, std::size_t count) {
  const bool all = social_care::rule_of(result.outcome).action == FileAction::advance;
  const RecordResult otherwise =
      all ? RecordResult{0, RecordOutcome::cpr06, "CPR06", ""}
          : RecordResult{0, RecordOutcome::unknown, "unknown", "the answer does not name it"};
  std::vector<RecordResult> answers(count, otherwise);
  for (const RecordResult& record : result.records) {
    if (record.index < count) answers[record.index] = record;
  }
  return answers;
}

bool takes_effect(const UploadResult& result) {
  const FileAction action = social_care::rule_of(result.outcome).action;
  if (action == FileAction::by_record) return !result.records.empty();
  return action == FileAction::advance;
}

}  // namespace

bool Release::stands() const {
  return !folded(by).empty() && !folded(and_by).empty() && folded(by) != folded(and_by);
}

CouncilRun::CouncilRun(Parts parts, const std::vector<CanonicalRecord>& records,
                       const social_care::Counts& counts, social_care::ExtractIdentity extract)
    : parts_{std::move(parts)},
      council_{parts_.profile.council.ods_code},
      records_{records},
      counts_{counts},
      extract_{std::move(extract)},
      today_{london_date(parts_.clock.now())} {}

Result<RunOutcome> CouncilRun::run(const Release& release, bool dry_run) {
  if (const Status known = recall(dry_run); !known) return known.error();
  compare(release);
  const bool released = !outcome_.held.empty() && release.stands();
  if (!outcome_.held.empty() && !released) return std::move(outcome_);
  outcome_.held.clear();
  if (dry_run) return std::move(outcome_);
  if (released) {
    if (const Status kept = keep_release(release); !kept) return kept.error();
  }
  if (const Status sent = send(); !sent) return sent.error();
  const bool used = !outcome_.upload || takes_effect(*outcome_.upload);
  if (const Status concluded = conclude(used); !concluded) return concluded.error();
  return std::move(outcome_);
}

Status CouncilRun::recall(bool dry_run) {
  const Status read = parts_.database.read([this](store::Session& session) -> Status {
    auto known = known_records(session, council_);
    if (!known) return known.error();
    known_ = *std::move(known);
    auto last = last_extract(session, council_);
    if (!last) return last.error();
    last_ = *std::move(last);
    auto work = work_list(session, council_, true);
    if (!work) return work.error();
    work_ = *std::move(work);
    return done;
  });
  if (!read) return read;
  by_key_.reserve(known_.size());
  std::set<std::int64_t> unanswered;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    by_key_.emplace(known_[i].key, i);
    if (known_[i].life == Life::sent) unanswered.insert(known_[i].sequence);
  }
  for (const std::int64_t sequence : unanswered) {
    if (const Status settled = settle(sequence, dry_run); !settled) return settled;
  }
  return done;
}

// A run was cut off between sending and keeping the answer. The register says what it holds; the
// rest is as if it was never sent.
Status CouncilRun::settle(std::int64_t sequence, bool dry_run) {
  auto taken = parts_.registry.plans_of_upload(council_, sequence);
  if (!taken) return taken.error();
  std::sort(taken->begin(), taken->end());
  std::vector<Known> next;
  for (const Known& known : known_) {
    if (known.life != Life::sent || known.sequence != sequence || !known.attempted) continue;
    const registry::TakenPlan plan{known.attempted->number, known.key.type, known.key.start};
    const bool held = std::binary_search(taken->begin(), taken->end(), plan);
    next.push_back(held ? after_outcome(known, sequence, RecordOutcome::cpr06, today_)
                        : after_no_effect(known, sequence, today_));
  }
  if (!dry_run) return put(next);
  for (Known& known : next) known_of(known.key) = std::move(known);
  return done;
}

void CouncilRun::compare(const Release& release) {
  difference_ = difference_of(records_, known_, {});
  if (release.deletes && release.stands()) {
    std::vector<Approval> approvals;
    for (const social_care::Doubt& doubt : difference_.doubts) {
      if (doubt.rule != social_care::Rule::d03) continue;
      approvals.push_back({doubt.key, Approval::About::deletion, release.by, release.and_by});
    }
    if (!approvals.empty()) difference_ = difference_of(records_, known_, approvals);
  }
  outcome_.changes = difference_.changes.size();
  outcome_.unchanged = difference_.unchanged;
  outcome_.unrepaired = difference_.unrepaired;
  outcome_.doubts = difference_.doubts.size();
  outcome_.held = guard(difference_, extract_, last_, parts_.profile);
  if (!last_) return;
  if (auto stale = check_extract(extract_, *last_)) outcome_.held.push_back(*std::move(stale));
}

Status CouncilRun::keep_release(const Release& release) {
  const std::string detail =
      std::string{"with "} + release.and_by + (release.deletes ? ", deletes approved" : "");
  const store::AuditEntry entry{
      parts_.clock.now(), {},     release.by, release.by, {}, council_, "import", "release-extract",
      extract_.digest,    "done", detail};
  return parts_.database.write([&](store::Session& session) -> Status {
    const auto row = store::AuditStore{}.append(session, entry);
    if (!row) return row.error();
    return done;
  });
}

KnownRecord& CouncilRun::known_of(const RecordKey& key) {
  const auto [found, added] = by_key_.emplace(key, known_.size());
  if (added) {
    known_.emplace_back();
    known_.back().key = key;
  }
  return known_[found->second];
}

Status CouncilRun::put(const std::vector<Known>& next) {
  for (std::size_t from = 0; from < next.size(); from += records_in_one_work) {
    const std::size_t to = std::min(from + records_in_one_work, next.size());
    const Status kept = parts_.database.write([&](store::Session& session) -> Status {
      for (std::size_t i = from; i < to; ++i) {
        if (const Status one = put_known(session, council_, next[i]); !one) return one;
      }
      return done;
    });
    if (!kept) return kept;
  }
  for (const Known& known : next) known_of(known.key) = known;
  return done;
}

// What of the changes goes out: `sent_`, `groups_` and the file's records.
std::vector<UploadRecord> CouncilRun::grouped() {
  std::vector<UploadRecord> out;
  sent_ = changed_records(difference_, records_);
  for (social_care::UploadGroup& group : social_care::to_upload_records(sent_)) {
    out.push_back(std::move(group.record));
    groups_.push_back(std::move(group.members));
  }
  return out;
}

Status CouncilRun::send() {
  UploadFile file;
  file.records = grouped();
  if (file.records.empty()) return done;
  file.created = parts_.clock.now();
  file.council = parts_.profile.council;
  const Status numbered = parts_.database.write([&](store::Session& session) -> Status {
    const auto number = store::take_numbers(session, "upload." + council_);
    if (!number) return number.error();
    file.sequence = *number;
    return done;
  });
  if (!numbered) return numbered;
  std::vector<Known> next;
  for (const std::vector<std::size_t>& group : groups_) {
    for (const std::size_t member : group) {
      const CanonicalRecord& record = sent_[member];
      next.push_back(
          after_sending(known_of(key_of(record)), *content_of(record), file.sequence, today_));
    }
  }
  if (const Status kept = put(next); !kept) return kept;
  auto result = parts_.door(file);
  if (!result) return result.error();
  outcome_.records_sent = file.records.size();
  const Status answered = take_answer(*result, file.sequence);
  outcome_.upload = *std::move(result);
  return answered;
}

Status CouncilRun::take_answer(const UploadResult& result, std::int64_t sequence) {
  const bool effect = takes_effect(result);
  const std::vector<RecordResult> answers = answers_of(result, groups_.size());
  std::vector<Known> next;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    for (const std::size_t member : groups_[i]) {
      const Known& known = known_of(key_of(sent_[member]));
      next.push_back(effect ? after_outcome(known, sequence, answers[i].outcome, today_)
                            : after_no_effect(known, sequence, today_));
      if (!effect || answers[i].outcome == RecordOutcome::cpr06) continue;
      outcome_.refusals.push_back(refusal_of(answers[i], sent_[member]));
    }
  }
  return put(next);
}

Result<std::vector<social_care::InactiveNumber>> CouncilRun::inactive() const {
  std::vector<social_care::InactiveNumber> out;
  auto numbers = parts_.registry.inactive_numbers(council_);
  if (!numbers) return numbers.error();
  if (numbers->empty()) return out;
  std::sort(numbers->begin(), numbers->end());
  std::set<std::string> told;
  for (const Known& known : known_) {
    if (!known.accepted || known.life == Life::deleted) continue;
    const NhsNumber& number = known.accepted->number;
    if (!std::binary_search(numbers->begin(), numbers->end(), number)) continue;
    if (!told.insert(known.key.person_key).second) continue;
    const auto replacements = parts_.registry.replacements_of(number);
    if (!replacements) return replacements.error();
    out.push_back({known.key.person_key, !replacements->empty()});
  }
  return out;
}

Status CouncilRun::conclude(bool used) {
  const auto numbers = inactive();
  if (!numbers) return numbers.error();
  const auto items =
      social_care::work_items(records_, known_, difference_, counts_, *numbers, today_);
  const std::vector<social_care::WorkEntry> after = social_care::update(work_, items, today_);
  outcome_.open_work = static_cast<std::size_t>(
      std::count_if(after.begin(), after.end(), [](const auto& entry) { return entry.open; }));
  return parts_.database.write([&](store::Session& session) -> Status {
    if (const Status put = put_work_list(session, council_, work_, after); !put) return put;
    return used ? put_extract(session, council_, extract_, parts_.clock.now()) : done;
  });
}

}  // namespace cpis::usecases
