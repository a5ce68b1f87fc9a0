#include "adapters/social_care/extract.h"

#include <functional>
#include <utility>

#include "adapters/social_care/text.h"

namespace cpis::social_care {
namespace {

// Fills `into` when it is missing; false when both are there and differ.
bool agree(Day& into, Day other) {
  if (other == no_day) return true;
  if (into == no_day) into = other;
  return into == other;
}

bool agree(std::string& into, std::string& other) {
  if (other.empty()) return true;
  if (into.empty()) into = std::move(other);
  return other.empty() || equal_folded(into, other);
}

bool agree(NhsValue& into, const NhsValue& other) {
  if (other.state == NhsState::missing) return true;
  if (into.state == NhsState::missing) into = other;
  return into.number == other.number;
}

}  // namespace

std::string_view name_of(RecordState state) {
  constexpr std::array<std::string_view, 4> names{"ready", "queried", "held", "skipped"};
  return names[static_cast<std::size_t>(state)];
}

bool waits_for_approval_only(const CanonicalRecord& record) {
  RuleSet others = record.rules;
  others.remove(Rule::d03);
  return record.deleted && record.rules.has(Rule::d03) && !others.any(RuleOutcome::held) &&
         !others.any(RuleOutcome::skipped);
}

std::uint16_t Extract::add_file(std::string_view name) {
  files_.emplace_back(name);
  return static_cast<std::uint16_t>(files_.size() - 1);
}

PersonId Extract::person(std::string_view key) {
  if (people.size() * 2 >= by_key_.size()) widen_keys();
  PersonId& slot = by_key_[slot_of(key)];
  if (slot != 0) return slot - 1;
  const auto id = static_cast<PersonId>(people.size());
  slot = id + 1;
  people.emplace_back().key = key;
  if (key.size() > profile_.local_id_max) people.back().rules.add(Rule::p01);
  return id;
}

std::size_t Extract::slot_of(std::string_view key) const {
  const std::size_t last = by_key_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(key)&last;
  while (by_key_[slot] != 0 && people[by_key_[slot] - 1].key != key) slot = (slot + 1) & last;
  return slot;
}

void Extract::widen_keys() {
  constexpr std::size_t slots_first = 1024;  // a power of two, as every size after it
  std::size_t slots = slots_first;
  while (slots <= people.size() * 2) slots *= 2;
  by_key_.assign(slots, 0);
  for (PersonId id = 0; id < people.size(); ++id) by_key_[slot_of(people[id].key)] = id + 1;
}

void Extract::describe(PersonId id, PersonFacts facts, RowRef at) {
  PersonEntry& entry = people[id];
  if (!entry.described) {
    entry.described = true;
    entry.at = at;
    entry.facts = std::move(facts);
    return;
  }
  PersonFacts& known = entry.facts;
  const bool same_birth = agree(known.birth, facts.birth) && agree(known.expected, facts.expected);
  const bool same_name = agree(known.given, facts.given) && agree(known.family, facts.family);
  if (!same_birth || !same_name) entry.rules.add(Rule::p01);
  if (!agree(known.nhs, facts.nhs)) entry.rules.add(Rule::p04);
  agree(known.death, facts.death);
  known.male = known.male || facts.male;
  if (known.no_number == NoNumberReason::none_given) known.no_number = facts.no_number;
}

std::optional<LegalStatus> Extract::status_in_scope(std::string_view label, RowRef at,
                                                    std::string_view field) {
  const LegalStatus status = read_legal_status(label, profile_.labels);
  if (status == LegalStatus::unknown) {
    report(Rule::l01, at, field);
    if (counts.unknown_labels.size() < labels_kept_max) {
      ++counts.unknown_labels[collapsed(label).substr(0, 200)];
    }
  } else if (!profile_.scope.has(status)) {
    count(Rule::l02);
    return std::nullopt;
  }
  return status;
}

void Extract::add_status(const StatusEntry& entry, bool wrong) {
  const bool backwards = entry.start != no_day && entry.end < entry.start;
  if (!wrong && entry.start != no_day && !backwards) return statuses.push_back(entry);
  people[entry.person].status_doubt = true;
  if (wrong) return;
  report(backwards ? Rule::c02 : Rule::c01, entry.at, "");
}

void Extract::report(Rule rule, RowRef at, std::string_view field, std::string_view detail) {
  count(rule);
  sink_.take(finding_of(rule, files_[at.file], at.line, field, detail));
}

void Extract::warn(Rule rule, RowRef at, std::string_view detail) {
  count(rule);
  sink_.take(Finding{Severity::warning, std::string{words_of(rule).id}, files_[at.file], at.line,
                     "", std::string{detail}});
}

void Extract::refuse(Rule rule, std::string_view file, std::size_t line, std::string_view field,
                     std::string_view detail) {
  if (counts.refused) return;
  counts.refused = true;
  count(rule);
  sink_.take(finding_of(rule, file, line, field, detail));
}

std::string read_name(std::string_view text) { return collapsed(text); }

}  // namespace cpis::social_care
