#include "gateway/usecases/council_run.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "gateway/store/audit_store.h"
#include "gateway/store/pipeline.h"
#include "gateway/usecases/council_book.h"

namespace cpis::usecases {
namespace {

using social_care::CanonicalRecord;
using social_care::FileAction;
using social_care::Life;

// Records in one transaction: whatever else the gateway writes waits only milliseconds.
constexpr std::size_t records_in_one_work = 2000;
// From here on one statement for a range of people is quicker than one for each record.
constexpr std::size_t records_by_range_min = 1000;
// More deletes, numbers or starts than this in one held extract are a broken extract, not work.
constexpr std::size_t shown_of_held_max = 50;

// What a file's answer says of a record that it does not name: loaded when all were, and otherwise
// not known to be loaded.
RecordResult unnamed(const UploadResult& result) {
  if (social_care::rule_of(result.outcome).action == FileAction::advance) {
    return {0, RecordOutcome::cpr06, "CPR06", ""};
  }
  return {0, RecordOutcome::unknown, "unknown", "the answer does not name it"};
}

// The answers by record; nothing where the answer does not name it.
std::vector<const RecordResult*> answers_of(const UploadResult& result, std::size_t count) {
  std::vector<const RecordResult*> answers(count, nullptr);
  for (const RecordResult& record : result.records) {
    if (record.index < count) answers[record.index] = &record;
  }
  return answers;
}

bool takes_effect(const UploadResult& result) {
  const FileAction action = social_care::rule_of(result.outcome).action;
  if (action == FileAction::by_record) return !result.records.empty();
  return action == FileAction::advance;
}

}  // namespace

bool Release::stands() const { return social_care::Approval{{}, {}, by, and_by}.stands(); }

CouncilRun::CouncilRun(Parts parts, Release release, bool dry_run)
    : parts_{std::move(parts)},
      council_{parts_.profile.council.ods_code},
      release_{std::move(release)},
      dry_run_{dry_run},
      today_{london_date(parts_.clock.now())},
      items_{today_} {}

Status CouncilRun::begin() {
  if (const Status known = recall(); !known) return known;
  approvals_ = social_care::Approvals{social_care::approvals_of(work_)};
  if (release_.deletes && release_.stands()) approvals_.approve_all_deletes();
  comparison_.emplace(known_, approvals_, [this](social_care::Change&& change) {
    builder_.add(std::move(change.record));
  });
  if (release_.resync) comparison_->send_unchanged();
  return done;
}

void CouncilRun::take(CanonicalRecord&& record) {
  items_.add(record);
  comparison_->take(std::move(record));
}

Result<RunOutcome> CouncilRun::finish(const social_care::Counts& counts,
                                      const social_care::ExtractIdentity& extract) {
  difference_ = comparison_->finish();
  comparison_.reset();
  draft_ = builder_.take();
  guard_extract(extract);
  const bool released = !outcome_.held.empty() && release_.stands();
  if (!outcome_.held.empty() && !released) {
    const Status shown = dry_run_ ? done : show_doubts();
    if (!shown) return shown.error();
    return std::move(outcome_);
  }
  outcome_.held.clear();
  if (dry_run_) return std::move(outcome_);
  if (released) {
    if (const Status kept = keep_release(extract); !kept) return kept.error();
  }
  if (const Status sent = send(extract); !sent) return sent.error();
  // What is on its way counts once CP-IS has answered.
  const bool used = outcome_.under_way ? false : !outcome_.upload || takes_effect(*outcome_.upload);
  outcome_.resubmit = outcome_.upload &&
                      social_care::rule_of(outcome_.upload->outcome).action == FileAction::resubmit;
  const Status concluded = conclude(counts, used ? &extract : nullptr);
  if (!concluded) return concluded.error();
  return std::move(outcome_);
}

Status CouncilRun::recall() {
  const Status read = parts_.database.read([this](store::Session& session) -> Status {
    auto known = known_records(session, council_);
    if (!known) return known.error();
    known_ = social_care::KnownBook{*std::move(known)};
    auto last = last_extract(session, council_);
    if (!last) return last.error();
    last_ = *std::move(last);
    auto work = work_list(session, council_, true);
    if (!work) return work.error();
    work_ = *std::move(work);
    return done;
  });
  if (!read) return read;
  const auto under_way = parts_.transport.under_way(council_);
  if (!under_way) return under_way.error();
  outcome_.under_way = *under_way;
  std::set<std::int64_t> unanswered;
  for (const Known& known : known_.records()) {
    if (known.life == Life::sent) unanswered.insert(known.sequence);
  }
  for (const std::int64_t sequence : unanswered) {
    if (outcome_.under_way == sequence) continue;
    if (const Status settled = settle(sequence); !settled) return settled;
  }
  return done;
}

// A run was cut off between sending and keeping the answer. The register says what it holds; the
// rest is as if it was never sent.
Status CouncilRun::settle(std::int64_t sequence) {
  const auto never_left = parts_.transport.never_left(council_, sequence);
  if (!never_left) return never_left.error();
  Result<std::vector<registry::TakenPlan>> taken = std::vector<registry::TakenPlan>{};
  if (!*never_left) taken = parts_.registry.plans_of_upload(council_, sequence);
  if (!taken) return taken.error();
  std::sort(taken->begin(), taken->end());
  std::vector<Known> next;
  for (const Known& known : known_.records()) {
    if (known.life != Life::sent || known.sequence != sequence || !known.attempted) continue;
    const registry::TakenPlan plan{known.attempted->number, known.key.type, known.key.start};
    const bool held = std::binary_search(taken->begin(), taken->end(), plan);
    next.push_back(held ? after_outcome(known, sequence, RecordOutcome::cpr06, today_)
                        : after_no_effect(known, sequence, today_));
  }
  if (!dry_run_) {
    if (const Status kept = put(next); !kept) return kept;
  }
  for (Known& known : next) {
    Known& mine = known_.of(known.key);
    mine = std::move(known);
  }
  return done;
}

void CouncilRun::guard_extract(const social_care::ExtractIdentity& extract) {
  outcome_.changes = difference_.all_changes();
  outcome_.unchanged = difference_.unchanged;
  outcome_.unrepaired = difference_.unrepaired;
  outcome_.doubts = difference_.doubts.size();
  outcome_.held = guard(difference_, extract, last_, parts_.profile);
  if (!last_) return;
  if (release_.resync) return;  // of the last extract, as a rule
  if (auto stale = check_extract(extract, *last_)) outcome_.held.push_back(*std::move(stale));
}

Status CouncilRun::keep_release(const social_care::ExtractIdentity& extract) {
  const std::string detail =
      std::string{"with "} + release_.and_by + (release_.deletes ? ", deletes approved" : "");
  const store::AuditEntry entry{parts_.clock.now(),
                                {},
                                release_.by,
                                release_.by,
                                {},
                                council_,
                                "import",
                                "release-extract",
                                extract.digest,
                                "done",
                                detail};
  return parts_.database.write([&](store::Session& session) -> Status {
    const auto row = store::AuditStore{}.append(session, entry);
    if (!row) return row.error();
    return done;
  });
}

Status CouncilRun::put(std::span<const Known> next) {
  store::Pipeline pipeline{parts_.database};
  for (std::size_t from = 0; from < next.size(); from += records_in_one_work) {
    const auto part = next.subspan(from, std::min(records_in_one_work, next.size() - from));
    const Status queued = pipeline.write([this, part](store::Session& session) -> Status {
      for (const Known& known : part) {
        if (const Status one = put_known(session, council_, known); !one) return one;
      }
      return done;
    });
    if (!queued) return queued;
  }
  return pipeline.finish();
}

Status CouncilRun::send(const social_care::ExtractIdentity& extract) {
  // One upload at a time: what changed is still there when the answer has come.
  if (draft_.records.empty() || outcome_.under_way) return done;
  UploadFile file;
  file.created = parts_.clock.now();
  file.council = parts_.profile.council;
  const Status numbered = parts_.database.write([&](store::Session& session) -> Status {
    const auto number = parts_.transport.next_number(session, council_);
    if (!number) return number.error();
    file.sequence = *number;
    return done;
  });
  if (!numbered) return numbered;
  if (const Status kept = put_sent(file.sequence); !kept) return kept;
  file.records = std::move(draft_.records);
  auto result = parts_.transport.send(file, extract);
  if (!result) return result.error();
  outcome_.records_sent = file.records.size();
  if (!*result) {
    outcome_.under_way = file.sequence;
    return done;
  }
  const Status answered = take_answer(**result, file.sequence);
  outcome_.upload = **std::move(result);
  return answered;
}

// In the order of the keys, which is that of the table: pages are filled one after the other.
Status CouncilRun::put_sent(std::int64_t sequence) {
  std::sort(draft_.plans.begin(), draft_.plans.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  store::Pipeline pipeline{parts_.database};
  for (std::size_t from = 0; from < draft_.plans.size(); from += records_in_one_work) {
    const std::size_t to = std::min(from + records_in_one_work, draft_.plans.size());
    auto part = std::make_shared<std::vector<Known>>();
    part->reserve(to - from);
    for (std::size_t i = from; i < to; ++i) {
      Known& known = known_.of(draft_.plans[i].key);
      known = after_sending(std::move(known), draft_.content(draft_.plans[i]), sequence, today_);
      part->push_back(known);
    }
    const Status queued = pipeline.write([this, part](store::Session& session) -> Status {
      for (const Known& known : *part) {
        if (const Status one = put_known(session, council_, known); !one) return one;
      }
      return done;
    });
    if (!queued) return queued;
  }
  return pipeline.finish();
}

void CouncilRun::note_refusal(const RecordResult& result, const social_care::SentPlan& plan) {
  Finding finding;
  finding.rule = result.code;
  finding.text = result.outcome == RecordOutcome::unknown
                     ? "refused"
                     : std::string{words_of(result.outcome).display};
  if (!result.detail.empty()) finding.text += ": " + result.detail;
  if (plan.line != 0) {
    finding.source = draft_.files[plan.file];
    finding.line = plan.line;
  }
  outcome_.refusals.push_back(std::move(finding));
}

Status CouncilRun::take_answer(const UploadResult& result, std::int64_t sequence) {
  const bool effect = takes_effect(result);
  const RecordResult otherwise = unnamed(result);
  const auto answers = answers_of(result, outcome_.records_sent);
  std::vector<Known> next;
  const bool in_ranges = draft_.plans.size() >= records_by_range_min;
  std::vector<std::string> accepted;  // people with an open plan that was loaded, in order
  for (const social_care::SentPlan& plan : draft_.plans) {
    const RecordResult* named = answers[plan.record];
    const RecordResult& answer = named == nullptr ? otherwise : *named;
    Known& known = known_.of(plan.key);
    known = effect ? after_outcome(std::move(known), sequence, answer.outcome, today_)
                   : after_no_effect(std::move(known), sequence, today_);
    if (in_ranges && effect && known.life == Life::accepted) {
      accepted.push_back(known.key.person_key);
    } else {
      next.push_back(known);
    }
    if (effect && answer.outcome != RecordOutcome::cpr06) note_refusal(answer, plan);
  }
  // The others first: what is then still `sent` under this number was loaded as an open plan.
  if (const Status kept = put(next); !kept) return kept;
  return put_accepted(accepted, sequence);
}

Status CouncilRun::put_accepted(const std::vector<std::string>& people, std::int64_t sequence) {
  store::Pipeline pipeline{parts_.database};
  std::string after;
  for (std::size_t from = 0; from < people.size(); from += records_in_one_work) {
    const std::string to = people[std::min(from + records_in_one_work, people.size()) - 1];
    const Status queued =
        pipeline.write([this, after, to, sequence](store::Session& session) -> Status {
          return accept_sent(session, council_, {after, to}, sequence, today_);
        });
    if (!queued) return queued;
    after = to;
  }
  return pipeline.finish();
}

Result<std::vector<social_care::InactiveNumber>> CouncilRun::inactive() const {
  std::vector<social_care::InactiveNumber> out;
  auto numbers = parts_.registry.inactive_numbers(council_);
  if (!numbers) return numbers.error();
  if (numbers->empty()) return out;
  std::sort(numbers->begin(), numbers->end());
  std::set<std::string> told;
  for (const Known& known : known_.records()) {
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

// A held extract still says what two people may decide about; nothing else of it counts.
Status CouncilRun::show_doubts() {
  std::size_t shown = 0;
  social_care::WorkItems doubtful{today_};
  for (const social_care::Doubt& doubt : difference_.doubts) doubtful.add(doubt);
  for (const social_care::WorkItem& item : doubtful.sorted()) {
    if (!social_care::needs_two_people(item.kind)) continue;
    if (++shown > shown_of_held_max) break;
    if (const Status raised = raise_work(parts_.database, council_, item, today_); !raised) {
      return raised;
    }
  }
  return done;
}

Status CouncilRun::conclude(const social_care::Counts& counts,
                            const social_care::ExtractIdentity* used) {
  const auto numbers = inactive();
  if (!numbers) return numbers.error();
  for (const Known& known : known_.records()) items_.add(known);
  for (const social_care::Doubt& doubt : difference_.doubts) items_.add(doubt);
  for (const social_care::InactiveNumber& number : *numbers) items_.add(number);
  for (const auto& [label, count] : counts.unknown_labels) items_.add_label(label, count);
  const std::vector<social_care::WorkItem> items = items_.sorted();
  return parts_.database.write([&](store::Session& session) -> Status {
    // As it is now: somebody may have taken or approved an item while the extract was read.
    const auto before = work_list(session, council_, true);
    if (!before) return before.error();
    const auto after = social_care::update(*before, items, today_);
    outcome_.open_work = static_cast<std::size_t>(
        std::count_if(after.begin(), after.end(), [](const auto& entry) { return entry.open; }));
    if (const Status put = put_work_list(session, council_, *before, after); !put) return put;
    return used != nullptr ? put_extract(session, council_, *used, parts_.clock.now()) : done;
  });
}

}  // namespace cpis::usecases
