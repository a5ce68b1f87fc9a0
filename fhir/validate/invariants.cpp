#include <algorithm>
#include <string>
#include <unordered_set>

#include "fhir/validate/below.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

bool extension_or_value(const Element& extension) {
  return (extension.first("extension") != nullptr) != (extension.choice("value") != nullptr);
}

bool refers_to_container(const Element& contained) {
  bool found = false;
  for_each_below(contained, [&](const Element& element) {
    found = found || (element.has_value() && element.value() == "#");
  });
  return found;
}

/// What stands behind a `#` somewhere in the resource.
std::unordered_set<std::string_view> local_names(const Element& resource) {
  std::unordered_set<std::string_view> named;
  for_each_below(resource, [&](const Element& element) {
    const std::string_view value = element.value();
    if (value.size() > 1 && value.front() == '#') named.insert(value.substr(1));
  });
  return named;
}

bool nests(const Element& contained) { return contained.first("contained") != nullptr; }

bool versioned(const Element& contained) {
  const Element* const meta = contained.first("meta");
  return meta != nullptr &&
         (meta->first("versionId") != nullptr || meta->first("lastUpdated") != nullptr);
}

bool labelled(const Element& contained) {
  const Element* const meta = contained.first("meta");
  return meta != nullptr && meta->first("security") != nullptr;
}

bool has_contained(const Element& root, std::string_view id) {
  return std::ranges::any_of(root.children("contained"), [id](const Element& contained) {
    return contained.value_of("id") == id;
  });
}

}  // namespace

void Run::invariants(const Element& element, const std::vector<Invariant>& list,
                     std::string_view profile) {
  for (const Invariant& one : list) invariant(element, one, profile);
}

/// dom-2 to dom-5, each at the contained resource that breaks it.
void Run::contained_rules(const Element& element, const ElementConstraint& constraint,
                          Native native) {
  if (element.first("contained") == nullptr) return;
  std::unordered_set<std::string_view> named;
  if (native == Native::dom_3) named = local_names(element);
  for (const Element& contained : element.children("contained")) {
    // dom-3: who is contained is referred to, or refers to the resource around it.
    const bool good = native == Native::dom_2   ? !nests(contained)
                      : native == Native::dom_4 ? !versioned(contained)
                      : native == Native::dom_5 ? !labelled(contained)
                                                : named.contains(contained.value_of("id")) ||
                                                      refers_to_container(contained);
    if (good) continue;
    report(Severity::error, IssueCode::invariant, contained, constraint.key,
           std::string{constraint.human});
  }
}

bool Run::native(const Element& element, const ElementConstraint& constraint, Native native) {
  switch (native) {
    case Native::ext_1:
      return extension_or_value(element);
    case Native::dom_2:
    case Native::dom_3:
    case Native::dom_4:
    case Native::dom_5:
      contained_rules(element, constraint, native);
      return true;
    case Native::ref_1: {
      const std::string_view to = element.value_of("reference");
      return to.size() < 2 || to.front() != '#' || root_resource_ == nullptr ||
             has_contained(*root_resource_, to.substr(1));
    }
    case Native::none:
    case Native::txt_1:
    case Native::txt_2:
      return true;
  }
  return true;
}

void Run::invariant(const Element& element, const Invariant& invariant, std::string_view profile) {
  const ElementConstraint& constraint = *invariant.constraint;
  if (invariant.best_practice && !options_.best_practice) return;
  const Severity severity = constraint.error ? Severity::error : Severity::warning;
  const auto tell = [&](Severity how, IssueCode code, const std::string& text) {
    report(how, code, element, constraint.key, text, {}, {{}, profile, {}});
  };
  if (invariant.native != Native::none) {
    if (!native(element, constraint, invariant.native)) {
      tell(severity, IssueCode::invariant, std::string{constraint.human});
    }
    return;
  }
  if (!invariant.expression) {
    if (!constraint.expression.empty()) {
      tell(Severity::information, IssueCode::incomplete,
           "not checked: the expression is not understood");
    }
    return;
  }
  bool failed = false;
  const auto answer =
      evaluator_.test(*invariant.expression, {&element, resource_, root_resource_}, failed);
  if (failed) {
    tell(Severity::information, IssueCode::incomplete,
         "not checked: " + evaluator_.error().message);
  } else if (answer && !*answer) {
    tell(severity, IssueCode::invariant, std::string{constraint.human});
  }
}

}  // namespace cpis::fhir
