#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/core/upload.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/record_key.h"

namespace cpis::social_care {

/// What CP-IS is told by one record, small enough to keep for every record of a council. Names,
/// birth date and local id are a digest: they are compared, never read back.
struct Content {
  NhsNumber number;
  std::optional<Date> end;
  std::optional<Date> deleted;
  bool open = true;  ///< the plan has no end yet (a UCP carries its expected date all the same)
  std::uint64_t details = 0;  ///< FNV-1a over the rest; the same on every machine

  friend bool operator==(const Content&, const Content&) = default;
};
/// Nothing when the record has no subject.
std::optional<Content> content_of(const CanonicalRecord& record);
Content content_of(const PlanSubject& subject, const Plan& plan, bool open);

/// Where a record stands between the council and CP-IS.
enum class Life : std::uint8_t {
  draft,     ///< ready, and not sent yet or to be sent again
  held,      ///< waits for a correction; CP-IS was never told
  sent,      ///< in an upload that is not answered
  accepted,  ///< CP-IS holds it as an open plan
  rejected,  ///< CP-IS refused the last attempt
  ended,     ///< CP-IS holds it with its end
  deleted,   ///< CP-IS was told that it was an error
};
std::string_view name_of(Life life);

/// The council's memory of one record. A value: the functions below give the next one.
struct KnownRecord {
  RecordKey key;
  Life life = Life::draft;
  std::optional<Content> accepted;   ///< what CP-IS holds, by its last acceptance
  std::optional<Content> attempted;  ///< of the last upload; its answer moves it to `accepted`
  std::int64_t sequence = 0;         ///< of the last upload that carried it
  RecordOutcome outcome = RecordOutcome::unknown;  ///< of the last answer
  Date since{};                                    ///< when `life` began
};

/// The record is part of upload `sequence`.
KnownRecord after_sending(KnownRecord known, const Content& content, std::int64_t sequence,
                          Date today);

/// The answer to one record of upload `sequence`. An answer to another upload, or one that comes
/// again, changes nothing.
KnownRecord after_outcome(KnownRecord known, std::int64_t sequence, RecordOutcome outcome,
                          Date today);

/// The upload did not take effect (CPF01, CPF04 without record codes, CPF05, CPF06): back to where
/// the record was, to be sent again.
KnownRecord after_no_effect(KnownRecord known, std::int64_t sequence, Date today);

/// What a file's answer asks of us (socialcare.md 2.3).
enum class FileAction : std::uint8_t {
  advance,    ///< all records were loaded
  by_record,  ///< go by the record codes, open work items for the rest
  resubmit,   ///< same content, new sequence number, later
  stop,       ///< keep the file, tell an operator; nothing moves
};
struct FileRule {
  FileOutcome outcome;
  FileAction action;
  bool alarm;
  std::string_view text;
};
const FileRule& rule_of(FileOutcome outcome);

/// The queue of people who deal with a record's answer.
enum class Queue : std::uint8_t { none, trace, sensitive, mismatch, new_number, other };
struct RecordRule {
  RecordOutcome outcome;
  Queue queue;
  bool restricted;  ///< few may see it, and no details of the person are shown
  std::string_view text;
};
/// An unknown code is a failure.
const RecordRule& rule_of(RecordOutcome outcome);
std::string_view name_of(Queue queue);

}  // namespace cpis::social_care
