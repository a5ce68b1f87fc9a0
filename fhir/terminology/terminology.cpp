#include "fhir/terminology/terminology.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "fhir/terminology/external_systems.h"

namespace cpis::fhir {

namespace {

constexpr std::string_view snomed = "http://snomed.info/sct";

// LOINC's own answer list, bound as required in MolecularSequence and in no definition package.
constexpr std::string_view loinc = "http://loinc.org";
constexpr std::array<ValueSetConcept, 7> dna_change_types{{
    {"LA9658-1", "Wild type"},
    {"LA6692-3", "Deletion"},
    {"LA6686-5", "Duplication"},
    {"LA6687-3", "Insertion"},
    {"LA6688-1", "Insertion/Deletion"},
    {"LA6689-9", "Inversion"},
    {"LA6690-7", "Substitution"},
}};
constexpr std::array<ValueSetInclude, 1> dna_change_include{
    {{loinc, {}, dna_change_types, {}, {}}}};
const std::array<ValueSet, 1> extra_value_sets{{{"http://loinc.org/vs/LL379-9",
                                                 {},
                                                 "LL379-9",
                                                 "DNA change type",
                                                 PublicationStatus::active,
                                                 true,
                                                 dna_change_include,
                                                 {},
                                                 {},
                                                 false}}};

std::string lower(std::string_view text) {
  std::string small{text};
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

bool matches(const ExpandedConcept& one, const std::string& filter) {
  return filter.empty() || lower(one.code).find(filter) != std::string::npos ||
         lower(one.display).find(filter) != std::string::npos;
}

}  // namespace

struct Terminology::State {
  using Clause = ValueSetMembers::Clause;
  using Reach = ValueSetMembers::Reach;
  struct SetEntry {
    std::unique_ptr<ValueSetMembers> members;  ///< null: nobody knows the set
    bool ready = false;
  };

  const Definitions& definitions;
  mutable std::shared_mutex mutex;
  std::unordered_map<std::string, SetEntry> sets;
  std::unordered_map<std::string, std::unique_ptr<CodeSystemIndex>> systems;

  explicit State(const Definitions& all) : definitions{all} {}

  const ValueSet* find_set(std::string_view canonical) const;
  const CodeSystemIndex* system(std::string_view canonical);
  const ValueSetMembers* members(const std::string& canonical, std::size_t depth);
  void build(ValueSetMembers& members, std::size_t depth);
  Clause clause(const ValueSet& set, const ValueSetInclude& include, ValueSetMembers& members,
                std::size_t depth);
  void list_concepts(const ValueSetInclude& include, Clause& into);
  void list_filtered(const ValueSet& set, const ValueSetInclude& include, Clause& into,
                     std::vector<ExpandedConcept>& order);
  static void list_snomed(const ValueSet& set, const ValueSetInclude& include, Clause& into,
                          std::vector<ExpandedConcept>& order);
  void enumerate(const ValueSet& set, const Clause& clause,
                 const std::vector<ExpandedConcept>& order, ValueSetMembers& members);
};

const ValueSet* Terminology::State::find_set(std::string_view canonical) const {
  if (const ValueSet* const found = definitions.value_set(canonical)) return found;
  const std::string_view url = canonical.substr(0, canonical.find('|'));
  const auto extra = std::ranges::find(extra_value_sets, url, &ValueSet::url);
  return extra == extra_value_sets.end() ? nullptr : &*extra;
}

const CodeSystemIndex* Terminology::State::system(std::string_view canonical) {
  const auto [at, added] = systems.try_emplace(std::string{canonical});
  if (added) {
    const CodeSystem* const found = definitions.code_system(canonical);
    if (found != nullptr) at->second = std::make_unique<CodeSystemIndex>(*found);
  }
  return at->second.get();
}

/// Null for an unknown set, one that contains itself, or one nested too deeply.
const ValueSetMembers* Terminology::State::members(const std::string& canonical,
                                                   std::size_t depth) {
  const auto [at, added] = sets.try_emplace(canonical);
  if (added) {
    const ValueSet* const set = find_set(canonical);
    if (set != nullptr) {
      std::unique_ptr<ValueSetMembers> made{
          std::make_unique<ValueSetMembers>(ValueSetMembers{*set})};
      build(*made, depth);
      // Building may have added other sets; look the place up again.
      sets[canonical].members = std::move(made);
    }
    sets[canonical].ready = true;
  }
  const SetEntry& entry = sets[canonical];
  return entry.ready ? entry.members.get() : nullptr;
}

void Terminology::State::build(ValueSetMembers& members, std::size_t depth) {
  const ValueSet& set = members.value_set();
  for (const ValueSetInclude& exclude : set.excludes) {
    members.excludes_.push_back(clause(set, exclude, members, depth));
  }
  members.concepts_.clear();
  members.open_.clear();  // what cannot be excluded is open only where it is included
  for (const ValueSetInclude& include : set.includes) {
    members.includes_.push_back(clause(set, include, members, depth));
  }
  for (const ExpandedConcept& one : set.expansion) members.stored_.emplace(one.code, &one);
  if (set.includes.empty() && set.expansion.empty()) members.open_.push_back(set.url);
  const bool stored_decides = !set.expansion.empty() && !members.open_.empty();
  if (stored_decides) {
    members.concepts_.assign(set.expansion.begin(), set.expansion.end());
    if (set.expansion_complete) members.open_.clear();
  }
  std::erase_if(members.concepts_, [&](const ExpandedConcept& one) {
    const CodeAnswer excluded = members.excludes_.empty()
                                    ? CodeAnswer{Membership::no, {}, {}, false, false}
                                    : members.find_in(members.excludes_, one.system, one.code);
    if (excluded.membership == Membership::unknown) members.open_.push_back(one.system);
    return excluded.membership != Membership::no;
  });
}

void Terminology::State::list_concepts(const ValueSetInclude& include, Clause& into) {
  for (const ValueSetConcept& one : include.concepts) {
    ExpandedConcept concept_here{include.system, one.code, one.display, false, false};
    if (into.index != nullptr) {
      const CodeAnswer known = into.index->find(one.code);
      if (concept_here.display.empty()) concept_here.display = known.display;
      concept_here.abstract = known.abstract;
      concept_here.inactive = known.inactive;
    }
    into.codes.emplace(one.code, concept_here);
  }
}

void Terminology::State::list_filtered(const ValueSet& set, const ValueSetInclude& include,
                                       Clause& into, std::vector<ExpandedConcept>& order) {
  std::optional<std::vector<std::uint32_t>> chosen;
  for (const ValueSetFilter& filter : include.filters) {
    auto passed = into.index->select(filter);
    if (!passed) return;
    if (chosen) {
      std::vector<std::uint32_t> common;
      std::ranges::set_intersection(*chosen, *passed, std::back_inserter(common));
      passed = std::move(common);
    }
    chosen = std::move(passed);
  }
  const CodeSystem& system = into.index->system();
  into.reach = Reach::listed;
  for (const std::uint32_t position : *chosen) {
    const CodeSystemConcept& one = system.concepts[position];
    if (!set.inactive && one.inactive) continue;
    order.push_back({include.system, one.code, one.display, one.abstract, one.inactive});
    into.codes.emplace(one.code, order.back());
  }
}

/// A constraint that lists its ids is decided without SNOMED CT.
void Terminology::State::list_snomed(const ValueSet& set, const ValueSetInclude& include,
                                     Clause& into, std::vector<ExpandedConcept>& order) {
  if (include.filters.size() != 1) return;
  const ValueSetFilter& filter = include.filters.front();
  if (filter.property != "constraint" || filter.op != FilterOperator::equals) return;
  const auto ids = listed_snomed_ids(filter.value);
  if (!ids) return;
  into.reach = Reach::listed;
  for (const std::string_view id : *ids) {
    // The author's expansion, where there is one, has the terms.
    const auto stored = std::ranges::find(set.expansion, id, &ExpandedConcept::code);
    const std::string_view term = stored == set.expansion.end() ? "" : stored->display;
    order.push_back({include.system, id, term, false, false});
    into.codes.emplace(id, order.back());
  }
}

Terminology::State::Clause Terminology::State::clause(const ValueSet& set,
                                                      const ValueSetInclude& include,
                                                      ValueSetMembers& members, std::size_t depth) {
  Clause made;
  std::vector<ExpandedConcept> order;
  made.system = include.system;
  for (const std::string_view canonical : include.value_sets) {
    const ValueSetMembers* const other =
        depth < value_set_nesting_max ? this->members(std::string{canonical}, depth + 1) : nullptr;
    if (other == nullptr || other->level_ >= value_set_nesting_max) {
      made.missing_set = true;
    } else {
      made.sets.push_back(other);
      members.level_ = std::max(members.level_, other->level_ + 1);
    }
  }
  if (include.system.empty()) {
    made.reach = Reach::only_sets;
    enumerate(set, made, order, members);
    return made;
  }
  made.index = system(include.system);
  if (!include.concepts.empty()) {
    list_concepts(include, made);
    for (const ValueSetConcept& one : include.concepts) order.push_back(made.codes.at(one.code));
  } else if (include.filters.empty()) {
    made.reach = Reach::whole_system;
  } else {
    made.reach = Reach::undecided;
    const bool whole =
        made.index != nullptr && made.index->system().content == CodeSystemContent::complete;
    if (whole) {
      list_filtered(set, include, made, order);
    } else if (include.system == snomed) {
      list_snomed(set, include, made, order);
    }
  }
  made.fold_case = made.index != nullptr && !made.index->system().case_sensitive;
  if (made.fold_case) {
    for (const auto& [code, one] : made.codes) made.folded.emplace(lower(code), code);
  }
  enumerate(set, made, order, members);
  return made;
}

/// Adds what the clause can list to the concepts of the set, and its system to the open ones when
/// that is not all.
void Terminology::State::enumerate(const ValueSet& set, const Clause& clause,
                                   const std::vector<ExpandedConcept>& order,
                                   ValueSetMembers& members) {
  std::vector<ExpandedConcept> found = order;
  const bool whole = clause.reach == Reach::whole_system;
  bool all = clause.reach == Reach::listed;
  if (whole && clause.index != nullptr) {
    const CodeSystem& system = clause.index->system();
    for (const CodeSystemConcept& one : system.concepts) {
      if (!set.inactive && one.inactive) continue;
      found.push_back({clause.system, one.code, one.display, one.abstract, one.inactive});
    }
    all = system.content == CodeSystemContent::complete && !system.compositional;
  } else if (clause.reach == Reach::only_sets && !clause.sets.empty()) {
    found = clause.sets.front()->concepts();
    all = true;
  }
  for (const ValueSetMembers* other : clause.sets) {
    all = all && other->open_systems().empty();
    std::erase_if(found, [&](const ExpandedConcept& one) {
      return other->answer(one.system, one.code).membership != Membership::yes;
    });
  }
  if (!all || clause.missing_set) {
    members.open_.push_back(clause.system.empty() ? set.url : clause.system);
  }
  for (const ExpandedConcept& one : found) {
    const bool again = std::ranges::any_of(members.includes_, [&](const Clause& before) {
      return ValueSetMembers::find_in(before, one.system, one.code).membership == Membership::yes;
    });
    if (!again) members.concepts_.push_back(one);
  }
}

Terminology::Terminology(const Definitions& definitions)
    : state_{std::make_unique<State>(definitions)} {}
Terminology::~Terminology() = default;

const ValueSetMembers* Terminology::members(std::string_view canonical) const {
  const std::string key{canonical};
  {
    const std::shared_lock lock{state_->mutex};
    const auto known = state_->sets.find(key);
    if (known != state_->sets.end() && known->second.ready) return known->second.members.get();
  }
  const std::unique_lock lock{state_->mutex};
  return state_->members(key, 0);
}

CodeAnswer Terminology::lookup(std::string_view system, std::string_view code) const {
  CodeAnswer answer;
  {
    const std::unique_lock lock{state_->mutex};
    const CodeSystemIndex* const index = state_->system(system);
    if (index != nullptr) answer = index->find(code);
  }
  if (answer.membership != Membership::unknown) return answer;
  answer.membership = external_membership(system, code);
  if (answer.membership == Membership::yes) answer.system = system;
  return answer;
}

bool Terminology::knows_system(std::string_view system) const {
  if (is_external_system(system)) return true;
  const CodeSystem* const found = state_->definitions.code_system(system);
  return found != nullptr && found->content == CodeSystemContent::complete;
}

std::optional<bool> Terminology::subsumes(std::string_view system, std::string_view general,
                                          std::string_view special) const {
  const std::unique_lock lock{state_->mutex};
  const CodeSystemIndex* const index = state_->system(system);
  if (index == nullptr) return std::nullopt;
  const auto ancestor = index->position(general);
  const auto descendant = index->position(special);
  if (!ancestor || !descendant) return std::nullopt;
  return index->is_a(*descendant, *ancestor);
}

CodeAnswer Terminology::validate(std::string_view value_set, std::string_view system,
                                 std::string_view code) const {
  const ValueSetMembers* const set = members(value_set);
  if (set == nullptr) return {};
  return system.empty() ? set->find_code(code) : set->find(system, code);
}

std::optional<Expansion> Terminology::expand(std::string_view value_set,
                                             const ExpansionRequest& request) const {
  const ValueSetMembers* const set = members(value_set);
  if (set == nullptr) return std::nullopt;
  Expansion expansion;
  expansion.missing_systems = set->open_systems();
  const std::string filter = lower(request.filter);
  for (const ExpandedConcept& one : set->concepts()) {
    if ((request.active_only && one.inactive) || !matches(one, filter)) continue;
    const std::size_t place = expansion.total++;
    if (place >= request.offset && expansion.concepts.size() < request.count) {
      expansion.concepts.push_back(one);
    }
  }
  return expansion;
}

}  // namespace cpis::fhir
