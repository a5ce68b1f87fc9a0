// Documents (FHIR R4 3.3.1): what the Composition must have with it, and that nothing else came
// along.
#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

#include "fhir/validate/below.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

const Element* composition_of(const Element& bundle) {
  const Element* const first = bundle.first("entry");
  const Element* const resource = first == nullptr ? nullptr : resource_in(*first);
  return resource != nullptr && resource->resource_type() == "Composition" ? resource : nullptr;
}

/// References of a Composition that its document must hold.
void collect_links(const Element& composition, std::vector<const Element*>& links) {
  constexpr std::array<std::string_view, 5> direct{"subject", "encounter", "author", "custodian",
                                                   "party"};
  std::vector<const Element*> open{&composition};
  while (!open.empty()) {
    const Element& element = *open.back();
    open.pop_back();
    for (const Element& child : element.children()) {
      const std::string_view name = child.name();
      const bool in_section = element.name() == "section";
      const bool link = (in_section && (name == "entry" || name == "focus" || name == "author")) ||
                        (!in_section && std::ranges::find(direct, name) != direct.end());
      if (link) links.push_back(&child);
      if (name == "section" || name == "attester") open.push_back(&child);
    }
  }
}

/// Which entries hang together, whoever of two refers to the other.
class Groups {
 public:
  explicit Groups(std::size_t count) : leader_(count) {
    std::iota(leader_.begin(), leader_.end(), std::size_t{0});
  }
  std::size_t of(std::size_t one) {
    while (leader_[one] != one) one = leader_[one] = leader_[leader_[one]];
    return one;
  }
  void join(std::size_t a, std::size_t b) { leader_[of(a)] = of(b); }

 private:
  std::vector<std::size_t> leader_;
};

}  // namespace

void Run::document_links(const Element& bundle) {
  const Element* const composition = composition_of(bundle);
  if (composition == nullptr) return;
  std::vector<const Element*> links;
  collect_links(*composition, links);
  for (const Element* link : links) bundle_link(bundle, *link);
}

void Run::bundle_link(const Element& bundle, const Element& reference) {
  const std::string_view text = reference.value_of("reference");
  if (text.empty() || text.front() == '#') return;
  const auto found = matches_in_bundle(bundle, text, reference);
  if (found.size() == 1) return;
  report(Severity::error, IssueCode::not_found, reference, "bundle-reference",
         found.empty() ? "the document does not hold what this refers to"
                       : "several entries of the document are what this refers to");
}

/// A document holds what its Composition leads to, and what leads to that; a stylesheet besides.
void Run::document_reach(const Element& bundle) {
  if (composition_of(bundle) == nullptr) return;
  std::vector<const Element*> resources;
  std::unordered_map<const Element*, std::size_t> place;
  for (const Element& entry : bundle.children("entry")) {
    const Element* const resource = resource_in(entry);
    if (resource == nullptr) continue;
    place.emplace(resource, resources.size());
    resources.push_back(resource);
  }
  Groups groups{resources.size()};
  for (const Element* from : resources) {
    for_each_below(*from, [&](const Element& element) {
      if (element.value().empty() || element.value().front() == '#') return;
      const Element* target = nullptr;
      if (element.name() == "reference") {
        target = find_in_bundle(bundle, element.value(), element);
      } else if (element.value().find(':') != std::string_view::npos) {
        const auto known = index_of(bundle).by_url.find(std::string{element.value()});
        if (known != index_of(bundle).by_url.end()) target = known->second;
      }
      const auto found = place.find(target);
      if (found != place.end()) groups.join(place.at(from), found->second);
    });
  }
  for (const Element* one : resources) {
    if (groups.of(place.at(one)) == groups.of(0) || one->resource_type() == "Binary") continue;
    report(Severity::error, IssueCode::informational, *one->parent(), "bundle-unreachable",
           "nothing leads from the document's Composition to this entry, or back");
  }
}

}  // namespace cpis::fhir
