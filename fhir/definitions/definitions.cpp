#include "fhir/definitions/definitions.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/core.h"

namespace cpis::fhir {

namespace {

std::string_view without_version(std::string_view canonical) {
  return canonical.substr(0, canonical.find('|'));
}

}  // namespace

struct Definitions::State {
  using ParameterList = std::vector<const SearchParameterDefinition*>;

  const CoreDefinitions& core = CoreDefinitions::instance();
  std::once_flag searches_ready;
  std::unordered_map<std::string_view, ParameterList> searches;

  void index_searches();
};

void Definitions::State::index_searches() {
  for (const SearchParameterDefinition* one : core.search_parameters()) {
    for (const std::string_view base : one->bases) searches[base].push_back(one);
  }
  const ParameterList everywhere = searches["Resource"];
  const ParameterList of_domain = searches["DomainResource"];
  const Schema::TypeId domain = core.types().find("DomainResource");
  for (auto& [base, list] : searches) {
    if (base != "Resource") list.insert(list.end(), everywhere.begin(), everywhere.end());
    const bool derived =
        base != "DomainResource" && core.types().is_a(core.types().find(base), domain);
    if (derived) list.insert(list.end(), of_domain.begin(), of_domain.end());
    std::ranges::sort(list, {}, &SearchParameterDefinition::code);
  }
}

Definitions::Definitions() : state_{std::make_unique<State>()} {}
Definitions::~Definitions() = default;
Definitions::Definitions(Definitions&&) noexcept = default;
Definitions& Definitions::operator=(Definitions&&) noexcept = default;

const Definitions& Definitions::r4() {
  static const Definitions definitions;
  return definitions;
}

const TypeTable& Definitions::types() const { return state_->core.types(); }

const StructureDefinition* Definitions::structure(std::string_view canonical) const {
  return state_->core.structure(without_version(canonical));
}

const StructureDefinition* Definitions::type(std::string_view type_name) const {
  const Schema::TypeId type = types().find(type_name);
  if (type == Schema::no_type || types().info(type).kind == TypeKind::backbone) return nullptr;
  return types().info(type).structure;
}

const ValueSet* Definitions::value_set(std::string_view canonical) const {
  return state_->core.value_set(without_version(canonical));
}

const CodeSystem* Definitions::code_system(std::string_view canonical) const {
  return state_->core.code_system(without_version(canonical));
}

const SearchParameterDefinition* Definitions::search_parameter(std::string_view canonical) const {
  return state_->core.search_parameter(without_version(canonical));
}

const CompartmentDefinition* Definitions::compartment(std::string_view type_name) const {
  return state_->core.compartment(type_name);
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
