#include "adapters/social_care/lifecycle.h"

#include <algorithm>
#include <array>
#include <string>

namespace cpis::social_care {
namespace {

class Digest {
 public:
  void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
    add_byte(0xFF);  // cannot occur in UTF-8, so two texts never run together
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_byte(std::uint8_t byte) {
    value_ ^= byte;
    value_ *= 0x100000001B3U;
  }
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

constexpr std::array<std::string_view, 7> life_names{"draft",    "held",  "sent",   "accepted",
                                                     "rejected", "ended", "deleted"};
constexpr std::array<std::string_view, 6> queue_names{"none",     "trace",      "sensitive",
                                                      "mismatch", "new-number", "other"};

constexpr std::array<FileRule, 7> file_rules{{
    {FileOutcome::cpf01, FileAction::stop, true, "the file was corrupt or malformed"},
    {FileOutcome::cpf02, FileAction::advance, false, "all records were loaded"},
    {FileOutcome::cpf03, FileAction::by_record, false, "some records were rejected"},
    {FileOutcome::cpf04, FileAction::by_record, true, "no record was loaded"},
    {FileOutcome::cpf05, FileAction::resubmit, false, "PDS was unavailable: send again later"},
    {FileOutcome::cpf06, FileAction::stop, true, "this client's version is no longer supported"},
    {FileOutcome::unknown, FileAction::stop, true, "the answer's code is not known"},
}};

constexpr std::array<RecordRule, 8> record_rules{{
    {RecordOutcome::cpr01, Queue::trace, false, "no match for the NHS number: trace it again"},
    {RecordOutcome::cpr02, Queue::sensitive, true,
     "a sensitive record: CP-IS cannot hold it, go the manual way"},
    {RecordOutcome::cpr03, Queue::mismatch, false,
     "name or birth date do not match: correct and resend"},
    {RecordOutcome::cpr04, Queue::trace, false, "an old-style NHS number: trace the new one"},
    {RecordOutcome::cpr05, Queue::new_number, false,
     "the NHS number was replaced: trace the new one"},
    {RecordOutcome::cpr06, Queue::none, false, "loaded"},
    {RecordOutcome::cpr07, Queue::other, false, "not loaded: see the detail code"},
    {RecordOutcome::unknown, Queue::other, false, "not loaded: the answer's code is not known"},
}};

std::uint64_t details_of(const PlanSubject& subject) {
  Digest digest;
  digest.add(subject.name.given);
  digest.add(subject.name.family);
  digest.add(subject.birth_date ? to_iso(*subject.birth_date) : "");
  digest.add(subject.local_id);
  digest.add(subject.local_id_authority);
  digest.add(subject.is_mother ? "mother" : "child");
  return digest.value();
}

// What CP-IS holds after it accepted `content`.
Life life_of(const Content& content) {
  if (content.deleted) return Life::deleted;
  return content.open ? Life::accepted : Life::ended;
}

void move_to(KnownRecord& known, Life life, Date today) {
  if (known.life != life) known.since = today;
  known.life = life;
}

}  // namespace

std::optional<Content> content_of(const CanonicalRecord& record) {
  if (!record.subject) return std::nullopt;
  return Content{record.subject->nhs_number, record.end, record.deleted, record.open,
                 details_of(*record.subject)};
}

Content content_of(const PlanSubject& subject, const Plan& plan, bool open) {
  const auto day = [](const std::optional<PlanDate>& date) {
    return date ? std::optional{date->day} : std::nullopt;
  };
  return {subject.nhs_number, day(plan.end), day(plan.deleted), open, details_of(subject)};
}

std::string_view name_of(Life life) { return life_names[static_cast<std::size_t>(life)]; }
std::string_view name_of(Queue queue) { return queue_names[static_cast<std::size_t>(queue)]; }

KnownRecord after_sending(KnownRecord known, const Content& content, std::int64_t sequence,
                          Date today) {
  known.attempted = content;
  known.sequence = sequence;
  known.outcome = RecordOutcome::unknown;
  move_to(known, Life::sent, today);
  return known;
}

KnownRecord after_outcome(KnownRecord known, std::int64_t sequence, RecordOutcome outcome,
                          Date today) {
  if (known.life != Life::sent || known.sequence != sequence || !known.attempted) return known;
  known.outcome = outcome;
  if (outcome != RecordOutcome::cpr06) {
    move_to(known, Life::rejected, today);
    return known;
  }
  known.accepted = known.attempted;
  known.attempted.reset();
  move_to(known, life_of(*known.accepted), today);
  return known;
}

KnownRecord after_no_effect(KnownRecord known, std::int64_t sequence, Date today) {
  if (known.life != Life::sent || known.sequence != sequence) return known;
  known.attempted.reset();
  move_to(known, known.accepted ? life_of(*known.accepted) : Life::draft, today);
  return known;
}

const FileRule& rule_of(FileOutcome outcome) {
  return file_rules[static_cast<std::size_t>(outcome)];
}
const RecordRule& rule_of(RecordOutcome outcome) {
  return record_rules[static_cast<std::size_t>(outcome)];
}

}  // namespace cpis::social_care
