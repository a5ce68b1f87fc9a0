#include "fhir/terminology/code_system_index.h"

#include <algorithm>
#include <numeric>

namespace cpis::fhir {

namespace {

std::string lower(std::string_view text) {
  std::string small{text};
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

bool in_list(std::string_view list, std::string_view wanted) {
  for (;;) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item == wanted) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

CodeSystemIndex::CodeSystemIndex(const CodeSystem& system)
    : system_{&system}, children_(system.concepts.size()) {
  positions_.reserve(system.concepts.size());
  for (std::uint32_t index = 0; index < system.concepts.size(); ++index) {
    const CodeSystemConcept& one = system.concepts[index];
    positions_.emplace(one.code, index);
    if (!system.case_sensitive) folded_.emplace(lower(one.code), index);
    for (const std::uint32_t parent : one.parents) {
      if (parent < children_.size()) children_[parent].push_back(index);
    }
  }
}

std::optional<std::uint32_t> CodeSystemIndex::position(std::string_view code) const {
  if (const auto known = positions_.find(code); known != positions_.end()) return known->second;
  if (system_->case_sensitive) return std::nullopt;
  const auto known = folded_.find(lower(code));
  return known == folded_.end() ? std::nullopt : std::optional{known->second};
}

CodeAnswer CodeSystemIndex::find(std::string_view code) const {
  CodeAnswer answer;
  const auto found = position(code);
  if (!found) {
    const bool whole = system_->content == CodeSystemContent::complete && !system_->compositional;
    answer.membership = whole ? Membership::no : Membership::unknown;
    return answer;
  }
  const CodeSystemConcept& one = system_->concepts[*found];
  answer.membership = Membership::yes;
  answer.system = system_->url;
  answer.display = one.display;
  answer.abstract = one.abstract;
  answer.inactive = one.inactive;
  return answer;
}

std::vector<std::uint32_t> CodeSystemIndex::descendants(std::uint32_t root, bool with_root) const {
  std::vector<bool> seen(children_.size(), false);
  std::vector<std::uint32_t> found{root};
  seen[root] = true;
  for (std::size_t next = 0; next < found.size(); ++next) {
    for (const std::uint32_t child : children_[found[next]]) {
      if (seen[child]) continue;  // several parents, or a loop in bad data
      seen[child] = true;
      found.push_back(child);
    }
  }
  if (!with_root) found.erase(found.begin());
  std::ranges::sort(found);
  return found;
}

bool CodeSystemIndex::is_a(std::uint32_t descendant, std::uint32_t ancestor) const {
  const auto all = descendants(ancestor, true);
  return std::ranges::binary_search(all, descendant);
}

std::optional<std::vector<std::uint32_t>> CodeSystemIndex::select_by_hierarchy(
    const ValueSetFilter& filter) const {
  const bool other_meaning = system_->hierarchy == HierarchyMeaning::part_of ||
                             system_->hierarchy == HierarchyMeaning::classified_with;
  if (other_meaning) return std::nullopt;
  const auto root = position(filter.value);
  if (!root) return std::nullopt;
  if (filter.op == FilterOperator::is_a) return descendants(*root, true);
  if (filter.op == FilterOperator::descendent_of) return descendants(*root, false);
  std::vector<std::uint32_t> found;
  const auto below = descendants(*root, true);
  for (std::uint32_t index = 0; index < children_.size(); ++index) {
    const bool wanted = filter.op == FilterOperator::is_not_a
                            ? !std::ranges::binary_search(below, index)
                            : is_a(*root, index);
    if (wanted) found.push_back(index);
  }
  return found;
}

std::optional<bool> CodeSystemIndex::passes(const CodeSystemConcept& one,
                                            const ValueSetFilter& filter) const {
  std::vector<std::string_view> values;
  if (filter.property == "code" || filter.property == "concept") {
    values.push_back(one.code);
  } else if (filter.property == "display") {
    values.push_back(one.display);
  } else if (filter.property == "parent") {
    for (const std::uint32_t parent : one.parents) values.push_back(system_->concepts[parent].code);
  } else {
    for (const ConceptProperty& property : one.properties) {
      if (property.code == filter.property) values.push_back(property.value);
    }
  }
  const auto any = [&](auto test) { return std::ranges::any_of(values, test); };
  switch (filter.op) {
    case FilterOperator::equals:
      return any([&](std::string_view value) { return value == filter.value; });
    case FilterOperator::in:
      return any([&](std::string_view value) { return in_list(filter.value, value); });
    case FilterOperator::not_in:
      return !any([&](std::string_view value) { return in_list(filter.value, value); });
    case FilterOperator::exists:
      return values.empty() == (filter.value == "false");
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<std::uint32_t>> CodeSystemIndex::select(
    const ValueSetFilter& filter) const {
  switch (filter.op) {
    case FilterOperator::is_a:
    case FilterOperator::descendent_of:
    case FilterOperator::is_not_a:
    case FilterOperator::generalizes:
      return select_by_hierarchy(filter);
    default:
      break;
  }
  std::vector<std::uint32_t> found;
  for (std::uint32_t index = 0; index < system_->concepts.size(); ++index) {
    const auto passed = passes(system_->concepts[index], filter);
    if (!passed) return std::nullopt;
    if (*passed) found.push_back(index);
  }
  return found;
}

}  // namespace cpis::fhir
