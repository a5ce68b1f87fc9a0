#include <algorithm>
#include <string>

#include "fhir/validate/discriminator.h"
#include "fhir/validate/reference_text.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

std::string in_quotes(std::string_view name) { return "'" + std::string{name} + "'"; }

/// The type that a slice's side of a discriminator names: of the element, or of the targets of its
/// references.
bool names_type(const Said& said, std::string_view type, const Definitions& definitions) {
  if (said.node == nullptr) return false;
  return std::ranges::any_of(said.node->definition->types, [&](const ElementType& allowed) {
    if (!said.resolved) return allowed.code == type;
    return std::ranges::any_of(allowed.target_profiles, [&](std::string_view canonical) {
      const StructureDefinition* const target = definitions.structure(canonical);
      return target != nullptr && target->type == type;
    });
  });
}

}  // namespace

void Run::slices(const Element& parent, std::span<const Element* const> items, const Node& node,
                 const Profile& profile) {
  const ElementSlicing* const slicing = node.definition->slicing;
  static constexpr ElementSlicing open_slicing{};
  const ElementSlicing& rules = slicing == nullptr ? open_slicing : *slicing;
  std::vector<std::vector<const Element*>> members(node.slices.size());
  std::size_t furthest = 0;
  bool left_over = false;
  const Subject subject{{}, profile.url(), {}};
  for (const Element* item : items) {
    const auto found = std::ranges::find_if(
        node.slices, [&](const Node* slice) { return in_slice(*item, *slice, rules, profile); });
    if (found == node.slices.end()) {
      left_over = true;
      if (rules.rules == SlicingRules::closed) {
        report(Severity::error, IssueCode::structure, *item, "slice-closed",
               "belongs to no slice, and there may be no others", {}, subject);
      }
      continue;
    }
    const auto index = static_cast<std::size_t>(found - node.slices.begin());
    members[index].push_back(item);
    if (rules.ordered && index < furthest) {
      report(Severity::error, IssueCode::structure, *item, "slice-order",
             "the slices are out of order", {}, subject);
    }
    if (left_over && rules.rules == SlicingRules::open_at_end) {
      report(Severity::error, IssueCode::structure, *item, "slice-order",
             "what belongs to no slice must come last", {}, subject);
    }
    furthest = std::max(furthest, index);
    walk(*item, **found, profile);
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Node& slice = *node.slices[i];
    slice_cardinality(parent, slice, static_cast<std::uint32_t>(members[i].size()), profile);
    // A slice that is sliced again: what it demands holds for all of its members together.
    if (!slice.slices.empty() && !members[i].empty()) slices(parent, members[i], slice, profile);
  }
}

void Run::slice_cardinality(const Element& parent, const Node& slice, std::uint32_t count,
                            const Profile& profile) {
  const ElementDefinition& definition = *slice.definition;
  const Subject subject{{}, profile.url(), {}};
  const std::string name = in_quotes(definition.slice_name);
  if (count < definition.required_min()) {
    report(Severity::error, IssueCode::required, parent, "slice-min",
           "the slice " + name + " must be there at least " + std::to_string(definition.min) +
               " times, found " + std::to_string(count),
           slice.name, subject);
  }
  if (count > definition.max) {
    report(Severity::error, IssueCode::structure, parent, "slice-max",
           "the slice " + name + " may be there at most " + std::to_string(definition.max) +
               " times, found " + std::to_string(count),
           slice.name, subject);
  }
  if (count == 0 && definition.must_support && options_.must_support) {
    report(Severity::information, IssueCode::informational, parent, "must-support",
           "the slice " + name + " is missing, which the profile says must be supported",
           slice.name, subject);
  }
}

bool Run::in_slice(const Element& item, const Node& slice, const ElementSlicing& slicing,
                   const Profile& profile) {
  if (item.name() == "extension" || item.name() == "modifierExtension") {
    const std::string_view url = extension_url(slice);
    if (!url.empty()) return item.value_of("url") == url;
  }
  if (slicing.discriminators.empty()) {
    // A slice of value[x] that is named after its type; nothing else can be told apart.
    return slice.choice && slice.definition->slice_name == item.name();
  }
  bool decided = false;
  for (const Discriminator& discriminator : slicing.discriminators) {
    const Fit fit = discriminated(item, slice, discriminator, profile);
    if (fit == Fit::no) return false;
    decided = decided || fit == Fit::yes;
  }
  return decided;
}

Fit Run::discriminated(const Element& item, const Node& slice, const Discriminator& discriminator,
                       const Profile& profile) {
  const std::vector<Said> said = said_at(slice, profile, discriminator.path, profiles_);
  std::vector<const Element*> unresolved;
  const std::vector<const Element*> found = found_at(
      item, discriminator.path, types(),
      [this](std::string_view text, const Element& from) { return resolve(text, from); },
      unresolved);
  switch (discriminator.type) {
    case DiscriminatorType::exists: {
      const bool wanted = std::ranges::any_of(said, [](const Said& one) {
        return one.node != nullptr && one.node->definition->min > 0;
      });
      const bool refused = std::ranges::any_of(said, [](const Said& one) {
        return one.node != nullptr && one.node->definition->prohibited();
      });
      if (!wanted && !refused) return Fit::silent;
      return found.empty() == refused ? Fit::yes : Fit::no;
    }
    case DiscriminatorType::type:
      return of_type(found, unresolved, said) ? Fit::yes : Fit::no;
    case DiscriminatorType::profile:
      return of_profile(found, said);
    case DiscriminatorType::value:
    case DiscriminatorType::pattern:
      return of_value(found, said);
  }
  return Fit::no;
}

bool Run::of_type(std::span<const Element* const> found, std::span<const Element* const> unresolved,
                  std::span<const Said> said) const {
  const auto named = [&](std::string_view type) {
    return std::ranges::any_of(
        said, [&](const Said& one) { return names_type(one, type, rules_.definitions()); });
  };
  for (const Element* one : found) {
    if (one->type() != Schema::no_type && named(types().info(one->type()).type_name)) return true;
  }
  return std::ranges::any_of(unresolved, [&](const Element* one) {
    return named(type_in_reference(one->value_of("reference")));
  });
}

Fit Run::of_profile(std::span<const Element* const> found, std::span<const Said> said) {
  std::vector<std::string_view> wanted;
  for (const Said& one : said) {
    if (one.node == nullptr) continue;
    for (const ElementType& type : one.node->definition->types) {
      const auto& list = one.resolved ? type.target_profiles : type.profiles;
      wanted.insert(wanted.end(), list.begin(), list.end());
    }
  }
  if (wanted.empty()) return Fit::silent;
  const bool any = std::ranges::any_of(
      found, [&](const Element* element) { return conforms_any(*element, wanted); });
  return any ? Fit::yes : Fit::no;
}

/// By fixed or pattern value, by required binding, or, when the slice says something else about the
/// element (children with values), by all of that. What must not be there is told by its absence.
Fit Run::of_value(std::span<const Element* const> found, std::span<const Said> said) {
  bool decided = false;
  for (const Said& one : said) {
    const bool prohibited = one.node != nullptr && one.node->definition->prohibited();
    if (prohibited) return found.empty() ? Fit::yes : Fit::no;
    const bool any = std::ranges::any_of(
        found, [&](const Element* element) { return says_value(*element, one); });
    if (any) return Fit::yes;
    decided = decided || decides(one);
  }
  return decided ? Fit::no : Fit::silent;
}

bool Run::decides(const Said& said) const {
  if (said.value != nullptr) return true;
  const ElementBinding* const bound = said.node->definition->binding;
  return !said.node->children.empty() ||
         (bound != nullptr && bound->strength == BindingStrength::required && codes_ != nullptr);
}

bool Run::says_value(const Element& element, const Said& said) {
  if (said.value != nullptr) {
    const bool exact = said.node != nullptr && said.node->fixed != nullptr;
    return exact ? equals_fixed(element, *said.value) : matches_pattern(element, *said.value);
  }
  const ElementBinding* const bound = said.node->definition->binding;
  if (bound != nullptr && bound->strength == BindingStrength::required && codes_ != nullptr) {
    return membership(element, codes_->members(bound->value_set)) == Membership::yes;
  }
  return !said.node->children.empty() && fits(element, *said.node, *said.profile);
}

bool Run::fits(const Element& element, const Node& node, const Profile& profile) {
  Issues aside{1};
  Issues* const outside = std::exchange(issues_, &aside);
  walk(element, node, profile);
  issues_ = outside;
  return aside.ok();
}

}  // namespace cpis::fhir
