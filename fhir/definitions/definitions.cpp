#include "fhir/definitions/definitions.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fhir/definitions/core.h"
#include "fhir/definitions/snapshot.h"

namespace cpis::fhir {

namespace {

constexpr std::string_view definition_prefix = "http://hl7.org/fhir/StructureDefinition/";

struct Canonical {
  std::string_view url;
  std::string_view version;
};

Canonical split(std::string_view canonical) {
  const std::size_t bar = canonical.find('|');
  if (bar == std::string_view::npos) return {canonical, {}};
  return {canonical.substr(0, bar), canonical.substr(bar + 1)};
}

/// What the packages say about a url, the newest package first.
template <class T>
class Overlay {
 public:
  void add(const T& one) { known_[one.url].push_back(&one); }

  const T* find(const Canonical& canonical, const T* of_core) const {
    const auto found = known_.find(canonical.url);
    if (found == known_.end()) return of_core;
    const std::vector<const T*>& versions = found->second;
    if (!canonical.version.empty()) {
      const auto same = std::ranges::find(versions.rbegin(), versions.rend(), canonical.version,
                                          [](const T* one) { return one->version; });
      if (same != versions.rend()) return *same;
      if (of_core != nullptr && of_core->version == canonical.version) return of_core;
    }
    return versions.back();
  }

 private:
  std::unordered_map<std::string_view, std::vector<const T*>> known_;
};

Issue unusable(const StructureDefinition& structure, std::string_view why) {
  Issue issue;
  issue.severity = Severity::error;
  issue.code = IssueCode::not_found;
  issue.rule = "snapshot-base";
  issue.diagnostics = std::string{structure.url} + ": " + std::string{why};
  return issue;
}

}  // namespace

struct Definitions::State {
  using ParameterList = std::vector<const SearchParameterDefinition*>;
  enum class Progress : std::uint8_t { waiting, running, done };
  struct Entry {
    const StructureSource* source = nullptr;
    StructureDefinition structure;
    Progress progress = Progress::waiting;
  };

  const CoreDefinitions& core = CoreDefinitions::instance();
  std::vector<Package> packages;
  Arena arena;
  std::deque<Entry> entries;
  Overlay<StructureDefinition> structures;
  Overlay<ValueSet> value_sets;
  Overlay<CodeSystem> code_systems;
  Overlay<SearchParameterDefinition> parameters;
  std::unordered_map<const StructureDefinition*, Entry*> entry_of;
  std::once_flag searches_ready;
  std::unordered_map<std::string_view, ParameterList> searches;

  const StructureDefinition* structure(std::string_view canonical) const;
  void add_packages(Issues& issues);
  void expand(Entry& entry, Issues& issues);
  void index_searches();
};

const StructureDefinition* Definitions::State::structure(std::string_view canonical) const {
  const Canonical wanted = split(canonical);
  const StructureDefinition* const of_core = core.structure(wanted.url);
  if (of_core != nullptr && wanted.url.starts_with(definition_prefix)) return of_core;
  return structures.find(wanted, of_core);
}

void Definitions::State::add_packages(Issues& issues) {
  for (const Package& package : packages) {
    for (const StructureSource& source : package.structures()) {
      Entry& entry = entries.emplace_back(Entry{&source, source.structure, Progress::waiting});
      structures.add(entry.structure);
      entry_of.emplace(&entry.structure, &entry);
    }
    for (const ValueSet& set : package.value_sets()) value_sets.add(set);
    for (const CodeSystem& system : package.code_systems()) code_systems.add(system);
    for (const auto& parameter : package.search_parameters()) parameters.add(parameter);
  }
  for (Entry& entry : entries) expand(entry, issues);
}

void Definitions::State::expand(Entry& entry, Issues& issues) {
  if (entry.progress != Progress::waiting) return;
  entry.progress = Progress::running;
  // Profiles are opened before they are used; one that is still running contains itself.
  const auto ready = [&](std::string_view canonical) -> const StructureDefinition* {
    const StructureDefinition* const found = structure(canonical);
    const auto own = entry_of.find(found);
    if (own == entry_of.end()) return found;
    expand(*own->second, issues);
    return own->second->progress == Progress::done ? found : nullptr;
  };
  if (entry.structure.elements.empty() && !entry.structure.base.empty()) {
    const StructureDefinition* const base = ready(entry.structure.base);
    if (base == nullptr || base->elements.empty()) {
      issues.add(unusable(entry.structure, "its base definition is not loaded, or is itself"));
    } else {
      entry.structure.elements = generate_snapshot(*entry.source, *base, ready, arena, issues);
    }
  }
  entry.progress = Progress::done;
}

void Definitions::State::index_searches() {
  ParameterList all = core.search_parameters();
  for (const Package& package : packages) {
    for (const auto& parameter : package.search_parameters()) all.push_back(&parameter);
  }
  for (const SearchParameterDefinition* one : all) {
    for (const std::string_view base : one->bases) searches[base].push_back(one);
  }
  const ParameterList everywhere = searches["Resource"];
  const ParameterList of_domain = searches["DomainResource"];
  const Schema::TypeId domain = core.types().find("DomainResource");
  for (auto& [base, list] : searches) {
    if (base != "Resource") list.insert(list.end(), everywhere.begin(), everywhere.end());
    const Schema::TypeId type = core.types().find(base);
    const bool derived = base != "DomainResource" && core.types().is_a(type, domain);
    if (derived) list.insert(list.end(), of_domain.begin(), of_domain.end());
    std::ranges::stable_sort(list, {}, &SearchParameterDefinition::code);
  }
}

Definitions::Definitions() : state_{std::make_unique<State>()} {}

Definitions::Definitions(std::vector<Package> packages, Issues& issues) : Definitions{} {
  state_->packages = std::move(packages);
  state_->add_packages(issues);
}

Definitions::~Definitions() = default;
Definitions::Definitions(Definitions&&) noexcept = default;
Definitions& Definitions::operator=(Definitions&&) noexcept = default;

const Definitions& Definitions::r4() {
  static const Definitions definitions;
  return definitions;
}

const TypeTable& Definitions::types() const { return state_->core.types(); }

const StructureDefinition* Definitions::structure(std::string_view canonical) const {
  return state_->structure(canonical);
}

const StructureDefinition* Definitions::type(std::string_view type_name) const {
  const Schema::TypeId type = types().find(type_name);
  if (type == Schema::no_type || types().info(type).kind == TypeKind::backbone) return nullptr;
  return types().info(type).structure;
}

const ValueSet* Definitions::value_set(std::string_view canonical) const {
  const Canonical wanted = split(canonical);
  return state_->value_sets.find(wanted, state_->core.value_set(wanted.url));
}

const CodeSystem* Definitions::code_system(std::string_view canonical) const {
  const Canonical wanted = split(canonical);
  return state_->code_systems.find(wanted, state_->core.code_system(wanted.url));
}

const SearchParameterDefinition* Definitions::search_parameter(std::string_view canonical) const {
  const Canonical wanted = split(canonical);
  return state_->parameters.find(wanted, state_->core.search_parameter(wanted.url));
}

const CompartmentDefinition* Definitions::compartment(std::string_view type_name) const {
  return state_->core.compartment(type_name);
}

std::vector<const StructureDefinition*> Definitions::package_structures() const {
  std::vector<const StructureDefinition*> all;
  for (const State::Entry& entry : state_->entries) all.push_back(&entry.structure);
  return all;
}

std::span<const SearchParameterDefinition* const> Definitions::search_parameters(
    std::string_view resource_type) const {
  std::call_once(state_->searches_ready, [this] { state_->index_searches(); });
  const auto known = state_->searches.find(resource_type);
  if (known == state_->searches.end()) return {};
  return known->second;
}

const SearchParameterDefinition* Definitions::search_parameter(std::string_view resource_type,
                                                               std::string_view code) const {
  const auto all = search_parameters(resource_type);
  const auto found = std::ranges::lower_bound(all, code, {}, &SearchParameterDefinition::code);
  return found != all.end() && (*found)->code == code ? *found : nullptr;
}

}  // namespace cpis::fhir
