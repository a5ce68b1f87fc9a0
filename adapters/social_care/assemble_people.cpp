#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "adapters/social_care/assembly.h"
#include "adapters/social_care/text.h"

namespace cpis::social_care {
namespace {

using State = Birth::State;

Birth unborn(Day expected, const Profile& profile, Day today) {
  Birth birth{State::unborn, expected, {}};
  if (expected >= today - profile.grace_days) return birth;
  birth.rules.add(Rule::p07);
  if (expected < today - pregnancy_days_max) {
    birth.state = State::unclear;
    birth.rules.add(Rule::p05);
  }
  return birth;
}

Birth unclear(Rule rule) {
  Birth birth;
  birth.rules.add(rule);
  return birth;
}

// Words that systems and people put into a name to say something else.
constexpr std::array<std::string_view, 8> marker_words{"duplicate",  "unborn",  "baby", "test",
                                                       "do not use", "unknown", "twin", "bump"};

bool has_marker(std::string_view name) {
  const std::string padded = " " + folded(name) + " ";
  if (padded.find_first_of("0123456789()[]{}*") != std::string::npos) return true;
  return std::any_of(marker_words.begin(), marker_words.end(), [&padded](std::string_view word) {
    return padded.find(" " + std::string{word} + " ") != std::string::npos;
  });
}

bool sends_name(const Birth& birth) { return birth.state != State::unborn; }

}  // namespace

Birth birth_of(const PersonFacts& facts, const Profile& profile, Day today) {
  const bool has_birth = facts.birth != no_day;
  const bool has_expected = facts.expected != no_day;
  if (!has_birth && !has_expected) return unclear(Rule::p05);
  if (!has_birth) return unborn(facts.expected, profile, today);
  const bool future = facts.birth > today;
  switch (profile.unborn) {
    case UnbornRule::expected_present:
      if (has_expected) return unclear(Rule::p05);
      if (future) return unclear(Rule::p06);
      break;
    case UnbornRule::future_birth:
      if (future) return unborn(facts.birth, profile, today);
      break;
    case UnbornRule::due_date:
      if (has_expected && (future || facts.birth == facts.expected)) {
        return unborn(facts.expected, profile, today);
      }
      if (future) return unclear(Rule::p06);
      break;
  }
  return {State::born, facts.birth, {}};
}

void Assembly::check_names(PersonEntry& person) {
  const PersonFacts& facts = person.facts;
  if (facts.family.empty() || facts.given.empty()) {
    person.rules.add(Rule::p08);
  } else if (has_marker(facts.family) || has_marker(facts.given)) {
    if (extract_.profile().hold_marked_names) {
      person.rules.add(Rule::p08);
    } else {
      extract_.warn(Rule::p08, person.at, "the name carries a marker or digits");
    }
  }
}

void Assembly::check_people() {
  births_.reserve(extract_.people.size());
  reported_.resize(extract_.people.size());
  for (PersonEntry& person : extract_.people) {
    if (!person.described) person.rules.add(Rule::p11);
    if (person.key.empty()) person.rules.add(Rule::p01);
    births_.push_back(birth_of(person.facts, extract_.profile(), today_));
    if (!person.described || !sends_name(births_.back())) continue;
    check_names(person);
    if (person.facts.nhs.state == NhsState::missing) person.rules.add(Rule::p02);
    if (person.facts.nhs.state == NhsState::malformed) person.rules.add(Rule::p03);
  }
}

// One number with two people: neither is sent, because we cannot know whose it is.
void Assembly::share_numbers() {
  std::vector<std::pair<std::uint64_t, PersonId>> numbers;
  numbers.reserve(extract_.people.size());
  for (PersonId id = 0; id < extract_.people.size(); ++id) {
    const PersonEntry& person = extract_.people[id];
    // A mother without an id of her own may well be in the export under one.
    const bool counts = person.facts.nhs.number && !person.key_is_borrowed;
    if (counts) numbers.emplace_back(person.facts.nhs.number->value(), id);
  }
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t at = 1; at < numbers.size(); ++at) {
    if (numbers[at].first != numbers[at - 1].first) continue;
    extract_.people[numbers[at - 1].second].rules.add(Rule::p04);
    extract_.people[numbers[at].second].rules.add(Rule::p04);
  }
}

MotherFound Assembly::mother_of(PersonId child) const {
  MotherFound found;
  const auto [first, last] = std::equal_range(
      extract_.mothers.begin(), extract_.mothers.end(), MotherEntry{child, 0},
      [](const MotherEntry& a, const MotherEntry& b) { return a.child < b.child; });
  for (auto link = first; link != last; ++link) {
    if (found.mother && *found.mother != link->mother) found.rules.add(Rule::u02);
    found.mother = link->mother;
  }
  if (!found.mother || !extract_.people[*found.mother].described) found.rules.add(Rule::u01);
  if (!found.rules.empty()) return {std::nullopt, found.rules};
  const PersonEntry& mother = extract_.people[*found.mother];
  const PersonFacts& facts = mother.facts;
  if (facts.male || facts.death != no_day) found.rules.add(Rule::u04);
  const bool usable = facts.nhs.state == NhsState::present && !facts.family.empty() &&
                      !facts.given.empty() && facts.birth != no_day && facts.birth < today_;
  if (!usable) found.rules.add(Rule::u03);
  for (const Rule rule : {Rule::p01, Rule::p04}) {
    if (mother.rules.has(rule)) found.rules.add(rule);
  }
  return found;
}

// What is wrong with a born person, for each of that person's records.
RuleSet Assembly::person_rules(PersonId id) {
  report_person(id);
  RuleSet rules = extract_.people[id].rules;
  if (extract_.people[id].described && births_[id].state == Birth::State::unclear) {
    rules.add(births_[id].rules);
  }
  return rules;
}

void Assembly::report_person(PersonId id) {
  if (reported_[id]) return;
  reported_[id] = true;
  const PersonEntry& person = extract_.people[id];
  RuleSet rules = person.rules;
  rules.add(births_[id].rules);
  if (!person.described) return;
  for (const Rule rule : rules.list()) {
    if (rule == Rule::t01) continue;  // told at the value
    const bool excused = rule == Rule::p02 && person.facts.no_number != NoNumberReason::none_given;
    extract_.report(rule, person.at, "", excused ? "a reason is given" : "");
  }
}

}  // namespace cpis::social_care
