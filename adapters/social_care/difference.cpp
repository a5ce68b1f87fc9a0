#include "adapters/social_care/difference.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "adapters/social_care/upload_records.h"

namespace cpis::social_care {
namespace {

// A small council loses one in ten by a single ordinary end.
constexpr std::size_t ordinary_move = 5;

class Comparison {
 public:
  Comparison(std::span<const CanonicalRecord> records, std::span<const KnownRecord> known,
             std::span<const Approval> approvals)
      : records_{records}, known_{known} {
    for (const Approval& approval : approvals) {
      if (approval.stands()) approved_.insert({approval.about, approval.key});
    }
    by_key_.reserve(known.size());
    for (std::size_t i = 0; i < known.size(); ++i) by_key_.emplace(known[i].key, i);
  }

  Difference run() {
    seen_.resize(known_.size());
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const auto found = by_key_.find(key_of(records_[i]));
      if (found != by_key_.end()) seen_[found->second] = true;
    }
    find_vanished();
    for (std::size_t i = 0; i < records_.size(); ++i) compare(i);
    return std::move(out_);
  }

 private:
  using About = Approval::About;

  bool approved(About about, const RecordKey& key) const {
    return approved_.find({about, key}) != approved_.end();
  }

  // An accepted open plan that is not in the extract. Whether its start moved or it is gone is
  // decided by a person.
  void find_vanished() {
    for (std::size_t i = 0; i < known_.size(); ++i) {
      const KnownRecord& one = known_[i];
      if (seen_[i] || !one.accepted || !one.accepted->open || one.accepted->deleted) continue;
      vanished_.emplace(one.key.person_key, one.key.type);
      vanished_keys_.push_back(one.key);
    }
    std::set<std::pair<std::string, PlanType>> moved;
    for (const CanonicalRecord& record : records_) {
      if (by_key_.find(key_of(record)) != by_key_.end() || !record.open) continue;
      if (vanished_.find({record.person_key, record.type}) != vanished_.end()) {
        moved.insert({record.person_key, record.type});
      }
    }
    for (const RecordKey& key : vanished_keys_) {
      const bool start_moved = moved.find({key.person_key, key.type}) != moved.end();
      out_.doubts.push_back({start_moved ? Rule::d02 : Rule::d01, key});
    }
  }

  void compare(std::size_t index) {
    const CanonicalRecord& record = records_[index];
    const auto content = content_of(record);
    if (!content || !record.start.ok()) return;
    const auto found = by_key_.find(key_of(record));
    if (found == by_key_.end()) {
      if (may_be_sent(record)) create(index, *content);
      return;
    }
    const KnownRecord& known = known_[found->second];
    if (may_be_sent(record) || waits_for_approval_only(record) || is_late_end(record, known)) {
      change(index, *content, known);
    }
  }

  // CP-IS still holds it open although the end is older than what is usually sent.
  static bool is_late_end(const CanonicalRecord& record, const KnownRecord& known) {
    return record.state == RecordState::skipped && record.rules.has(Rule::c05) && !record.open &&
           known.accepted && known.accepted->open;
  }

  void create(std::size_t index, const Content& content) {
    const CanonicalRecord& record = records_[index];
    const RecordKey key = key_of(record);
    if (content.deleted) return;  // CP-IS was never told: there is nothing to delete
    const bool replaces = vanished_.find({record.person_key, record.type}) != vanished_.end();
    if (replaces && record.open && !approved(About::start, key)) return;  // told as D02
    out_.changes.push_back({ChangeKind::create, index});
  }

  void change(std::size_t index, const Content& content, const KnownRecord& known) {
    if (known.life == Life::sent) {
      ++out_.waiting;
      return;
    }
    // Some sources repeat a delete with another date every day: once told is enough.
    const bool gone = known.life == Life::deleted && content.deleted;
    if (gone || known.accepted == content) {
      ++out_.unchanged;
      return;
    }
    const auto& before = known.accepted ? known.accepted : known.attempted;
    const bool new_number = before && before->number != content.number;
    if (new_number && known.accepted && !approved(About::number, known.key)) {
      out_.doubts.push_back({Rule::p04, known.key});
      return;
    }
    if (known.life == Life::rejected && known.attempted == content) {
      ++out_.unrepaired;
      return;
    }
    if (content.deleted && !known.accepted) return;
    if (content.deleted && !approved(About::deletion, known.key)) {
      out_.doubts.push_back({Rule::d03, known.key});
      return;
    }
    out_.changes.push_back({kind_of(content, known), index});
  }

  static ChangeKind kind_of(const Content& content, const KnownRecord& known) {
    if (content.deleted) return ChangeKind::remove;
    if (!known.accepted) return ChangeKind::create;
    return known.accepted->open && !content.open ? ChangeKind::end : ChangeKind::update;
  }

  std::span<const CanonicalRecord> records_;
  std::span<const KnownRecord> known_;
  std::set<std::pair<About, RecordKey>> approved_;
  std::unordered_map<RecordKey, std::size_t, RecordKeyHash> by_key_;
  std::vector<bool> seen_;
  std::set<std::pair<std::string, PlanType>> vanished_;
  std::vector<RecordKey> vanished_keys_;
  Difference out_;
};

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

Difference difference_of(std::span<const CanonicalRecord> records,
                         std::span<const KnownRecord> known, std::span<const Approval> approvals) {
  return Comparison{records, known, approvals}.run();
}

std::vector<CanonicalRecord> changed_records(const Difference& difference,
                                             std::span<const CanonicalRecord> records) {
  std::vector<CanonicalRecord> changed;
  changed.reserve(difference.changes.size());
  for (const Change& change : difference.changes) {
    changed.push_back(records[change.record]);
    // It came through the comparison, so what holds or skips it has been dealt with.
    changed.back().rules.remove(Rule::d03);
    changed.back().state = RecordState::ready;
  }
  return changed;
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
  std::size_t ends = 0;
  std::size_t deletes = 0;
  for (const Change& change : difference.changes) {
    ends += change.kind == ChangeKind::end ? 1U : 0U;
    deletes += change.kind == ChangeKind::remove ? 1U : 0U;
  }
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
