#include "adapters/social_care/difference.h"

#include <array>
#include <cctype>
#include <utility>

#include "adapters/social_care/upload_records.h"

namespace cpis::social_care {
namespace {

// A small council loses one in ten by a single ordinary end.
constexpr std::size_t ordinary_move = 5;

// What CP-IS shows as an open plan.
bool is_held_open(const KnownRecord& known) {
  return known.accepted && known.accepted->open && !known.accepted->deleted;
}

// CP-IS still holds it open although the end is older than what is usually sent.
bool is_late_end(const CanonicalRecord& record, const KnownRecord& known) {
  return record.state == RecordState::skipped && record.rules.has(Rule::c05) && !record.open &&
         known.accepted && known.accepted->open;
}

std::string folded_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isspace(byte) == 0) out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

// Twenty bits over the number and everything else that is told: enough to see that something else
// came, and too few to find the number by trying.
std::string mark_of(const Content& content) {
  constexpr std::uint64_t prime = 1099511628211U;
  std::uint64_t hash = content.details;
  for (const char c : content.number.digits()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string mark;
  for (int i = 0; i < 5; ++i, hash >>= 12U) mark += digits[(hash >> 8U) & 15U];
  return mark;
}

ChangeKind kind_of(const Content& content, const KnownRecord& known) {
  if (content.deleted) return ChangeKind::remove;
  if (!known.accepted) return ChangeKind::create;
  return known.accepted->open && !content.open ? ChangeKind::end : ChangeKind::update;
}

Finding held_file(std::string field, const std::string& detail) {
  return finding_of(Rule::f03, "", 0, field, detail);
}

void guard_open_count(Findings& findings, PlanType type, std::size_t before, std::size_t now,
                      const Profile& profile) {
  const std::size_t moved = before > now ? before - now : now - before;
  if (moved <= ordinary_move) return;
  const int limit = before > now ? profile.max_open_drop_percent : profile.max_open_rise_percent;
  if (moved * 100 <= before * static_cast<std::size_t>(limit)) return;
  findings.push_back(held_file("open " + std::string{words_of(type).code},
                               std::to_string(before) + " before, " + std::to_string(now) +
                                   " now; the limit is " + std::to_string(limit) + " percent"));
}

}  // namespace

std::optional<Finding> check_extract(const ExtractIdentity& now, const ExtractIdentity& last) {
  if (!now.digest.empty() && now.digest == last.digest) {
    return finding_of(Rule::f02, "", 0, "", "the same bytes as the last extract");
  }
  if (now.made && last.made && *now.made < *last.made) {
    return finding_of(Rule::f02, "", 0, "", "made before the last extract");
  }
  return std::nullopt;
}

bool same_person(std::string_view a, std::string_view b) {
  return folded_name(a) == folded_name(b);
}

bool Approval::stands() const {
  return !folded_name(requested_by).empty() && !folded_name(approved_by).empty() &&
         !same_person(requested_by, approved_by);
}

Approvals::Approvals(std::span<const Approval> approvals) {
  for (const Approval& approval : approvals) {
    if (approval.stands()) approved_[{approval.about, approval.key}] = approval.proposal;
  }
}

bool Approvals::has(Approval::About about, const RecordKey& key, std::string_view proposal) const {
  if (all_deletes_ && about == Approval::About::deletion) return true;
  return has_own(about, key, proposal);
}

bool Approvals::has_own(Approval::About about, const RecordKey& key,
                        std::string_view proposal) const {
  if (approved_.empty()) return false;
  const auto found = approved_.find({about, key});
  return found != approved_.end() && found->second == proposal;
}

Comparison::Comparison(const KnownBook& known, const Approvals& approvals, Send send)
    : known_{known}, approvals_{approvals}, send_{std::move(send)} {
  seen_.resize(known.size());
}

void Comparison::take(CanonicalRecord&& record) {
  const std::size_t found = known_.find(key_of(record));
  if (found != KnownBook::none) {
    seen_[found] = true;
    return change(std::move(record), known_.records()[found]);
  }
  if (record.open && has_unseen(record)) return deferred_.push_back(std::move(record));
  settle(std::move(record));
}

// An open plan of this type that CP-IS holds and that did not come so far.
bool Comparison::has_unseen(const CanonicalRecord& record) const {
  return known_.any_of_person(record.person_key, [&](std::size_t at, const KnownRecord& known) {
    return !seen_[at] && known.key.type == record.type && is_held_open(known);
  });
}

Difference Comparison::finish() {
  for (CanonicalRecord& record : deferred_) {
    if (!has_unseen(record)) {
      settle(std::move(record));
      continue;
    }
    // Whether the start moved or a plan is gone and another began is decided by a person.
    known_.any_of_person(record.person_key, [&](std::size_t at, const KnownRecord& known) {
      if (!seen_[at] && known.key.type == record.type) moved_to_.emplace(at, record.start);
      return false;
    });
    if (approvals_.has(Approval::About::start, key_of(record))) settle(std::move(record));
  }
  deferred_ = {};
  for (std::size_t at = 0; at < known_.size(); ++at) {
    const KnownRecord& known = known_.records()[at];
    if (seen_[at] || !is_held_open(known)) continue;
    const auto moved = moved_to_.find(at);
    out_.doubts.push_back(moved == moved_to_.end()
                              ? Doubt{Rule::d01, known.key}
                              : Doubt{Rule::d02, known.key, to_iso(moved->second)});
  }
  return std::move(out_);
}

// A record that CP-IS was never told. One to delete is none: there is nothing to delete.
void Comparison::settle(CanonicalRecord&& record) {
  if (!may_be_sent(record) || !record.start.ok() || record.deleted) return;
  send(ChangeKind::create, std::move(record));
}

void Comparison::send(ChangeKind kind, CanonicalRecord&& record) {
  ++out_.changes[static_cast<std::size_t>(kind)];
  // It came through the comparison, so what holds or skips it has been dealt with.
  record.rules.remove(Rule::d03);
  record.state = RecordState::ready;
  send_({kind, std::move(record)});
}

void Comparison::change(CanonicalRecord&& record, const KnownRecord& known) {
  if (!may_be_sent(record) && !waits_for_approval_only(record) && !is_late_end(record, known)) {
    return;
  }
  const auto content = content_of(record);
  if (!content || !record.start.ok()) return;
  if (known.life == Life::sent) {
    ++out_.waiting;
    return;
  }
  // Some sources repeat a delete with another date every day: once told is enough.
  const bool gone = known.life == Life::deleted && content->deleted;
  const bool same = known.accepted == content;
  if (same && send_unchanged_ && !content->deleted) {
    return send(ChangeKind::update, std::move(record));
  }
  if (gone || same) {
    ++out_.unchanged;
    return;
  }
  const auto& before = known.accepted ? known.accepted : known.attempted;
  const bool new_number = before && before->number != content->number;
  if (new_number && known.accepted) {
    std::string mark = mark_of(*content);
    if (!approvals_.has(Approval::About::number, known.key, mark)) {
      out_.doubts.push_back({Rule::p04, known.key, std::move(mark)});
      return;
    }
  }
  if (known.life == Life::rejected && known.attempted == content) {
    ++out_.unrepaired;
    return;
  }
  if (content->deleted && !known.accepted) return;
  if (content->deleted && !approvals_.has(Approval::About::deletion, known.key)) {
    out_.doubts.push_back({Rule::d03, known.key});
    return;
  }
  if (content->deleted && approvals_.has_own(Approval::About::deletion, known.key)) {
    ++out_.approved_deletes;
  }
  send(kind_of(*content, known), std::move(record));
}

Findings guard(const Difference& difference, const ExtractIdentity& now,
               const std::optional<ExtractIdentity>& last, const Profile& profile) {
  Findings findings;
  if (last) {
    for (const PlanTypeWords& words : plan_type_words) {
      const auto i = static_cast<std::size_t>(words.type);
      guard_open_count(findings, words.type, last->open_by_type[i], now.open_by_type[i], profile);
    }
  }
  const std::size_t ends = difference.of(ChangeKind::end);
  std::size_t deletes = difference.of(ChangeKind::remove) - difference.approved_deletes;
  for (const Doubt& doubt : difference.doubts) deletes += doubt.rule == Rule::d03 ? 1U : 0U;
  if (ends > static_cast<std::size_t>(profile.max_ends)) {
    findings.push_back(held_file("ends", std::to_string(ends) + " plans would end; the limit is " +
                                             std::to_string(profile.max_ends)));
  }
  if (deletes > static_cast<std::size_t>(profile.max_deletes)) {
    findings.push_back(held_file("deletes", std::to_string(deletes) +
                                                " records are to be deleted; the limit is " +
                                                std::to_string(profile.max_deletes)));
  }
  return findings;
}

}  // namespace cpis::social_care
