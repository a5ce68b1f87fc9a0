#include <algorithm>
#include <string>

#include "fhir/validate/compare.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

constexpr std::string_view type_url = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::string_view system_prefix = "http://hl7.org/fhirpath/System.";

std::string in_quotes(std::string_view name) { return "'" + std::string{name} + "'"; }

bool base_has_min(const ElementDefinition& definition, std::uint32_t count) {
  return !definition.base_path.empty() && count < definition.base_min;
}

bool base_has_max(const ElementDefinition& definition, std::uint32_t count) {
  return !definition.base_path.empty() && count > definition.base_max;
}

/// Which of the element's children an element definition speaks of.
std::vector<const Element*> items_of(const Element& element, const Node& node,
                                     const TypeTable& types) {
  std::vector<const Element*> items;
  for (const Element& child : element.children()) {
    const bool known = child.definition() != no_annotation;
    const bool chosen = node.choice && known && types.field(child.definition()).name == node.name;
    if (chosen || child.name() == node.name) items.push_back(&child);
  }
  return items;
}

}  // namespace

void Run::declared(const Element& resource) {
  const Element* const meta = resource.first("meta");
  if (meta == nullptr) return;
  for (const Element& canonical : meta->children("profile")) {
    if (canonical.value().starts_with(type_url) &&
        canonical.value().substr(type_url.size()) == resource.resource_type()) {
      continue;
    }
    profile(resource, canonical.value(), false);
  }
}

/// Holds the element against a profile. An unknown one is an error when somebody asked for it.
bool Run::profile(const Element& element, std::string_view canonical, bool required) {
  const Profile* const found = profiles_.find(canonical);
  if (found == nullptr) {
    report(required ? Severity::error : Severity::warning, IssueCode::not_found, element,
           "profile-unknown", "the profile " + std::string{canonical} + " is not known here");
    return false;
  }
  const auto open = std::pair{&element, found->url()};
  if (std::ranges::find(open_profiles_, open) != open_profiles_.end()) return true;
  const Schema::TypeId type = types().find(found->definition->type);
  if (element.type() != Schema::no_type && !types().is_a(element.type(), type)) {
    report(Severity::error, IssueCode::structure, element, "profile-type",
           "the profile is for " + std::string{found->definition->type}, {},
           {{}, found->url(), {}});
    return false;
  }
  open_profiles_.push_back(open);
  walk(element, *found->root, *found);
  open_profiles_.pop_back();
  return true;
}

void Run::walk(const Element& element, const Node& node, const Profile& profile) {
  if (++depth_ > validate_depth_max) {
    --depth_;
    return;
  }
  walk_values(element, node, profile);
  if (node.parent != nullptr) walk_types(element, node, profile);
  if (node.binding != nullptr) binding(element, *node.binding, profile.url());
  invariants(element, node.invariants, profile.url());
  for (const Node* child : node.children) walk_child(element, *child, profile);
  --depth_;
}

void Run::walk_child(const Element& element, const Node& node, const Profile& profile) {
  const ElementDefinition& definition = *node.definition;
  const Subject subject{{}, profile.url(), {}};
  if (element.primitive() && node.name == "value") {  // the literal itself
    const bool differs = node.fixed != nullptr && node.fixed->value() != element.value();
    if (differs) {
      report(Severity::error, IssueCode::value, element, "fixed",
             in_quotes(element.name()) + " is not the fixed value", {}, subject);
    }
    return;
  }
  const std::vector<const Element*> items = items_of(element, node, types());
  const auto count = static_cast<std::uint32_t>(items.size());
  if (count < definition.min && !base_has_min(definition, count)) {
    report(Severity::error, IssueCode::required, element, "cardinality-min",
           in_quotes(node.name) + " must be there at least " + std::to_string(definition.min) +
               " times, found " + std::to_string(count),
           node.name, subject);
  }
  if (count > definition.max && !base_has_max(definition, count)) {
    report(Severity::error, IssueCode::structure, *items.back(), "cardinality-max",
           definition.prohibited() ? in_quotes(node.name) + " is not allowed"
                                   : in_quotes(node.name) + " may be there at most " +
                                         std::to_string(definition.max) + " times",
           {}, subject);
  }
  if (count == 0 && definition.must_support && options_.must_support) {
    report(Severity::information, IssueCode::informational, element, "must-support",
           in_quotes(node.name) + " is missing, which the profile says must be supported",
           node.name, subject);
  }
  for (const Element* item : items) walk(*item, node, profile);
  if (!node.slices.empty()) slices(element, items, node, profile);
}

void Run::walk_types(const Element& element, const Node& node, const Profile& profile) {
  const ElementDefinition& definition = *node.definition;
  if (definition.types.empty() || element.type() == Schema::no_type) return;
  const TypeInfo& info = types().info(element.type());
  const ElementType* match = nullptr;
  for (const ElementType& type : definition.types) {
    if (type.code.starts_with(system_prefix)) return;
    const Schema::TypeId allowed = types().find(type.code);
    const bool same = allowed == Schema::no_type || info.type_name == type.code ||
                      types().is_a(element.type(), allowed);
    if (same && match == nullptr) match = &type;
  }
  if (match == nullptr) {
    report(Severity::error, IssueCode::structure, element, "type",
           std::string{info.type_name} + " is not a type that is allowed here", {},
           {{}, profile.url(), {}});
    return;
  }
  const Special special = rules_.type(element.type()).special;
  if (special == Special::extension) return;  // its own url named the profile already
  if (special == Special::reference) {
    reference_profiles(element, match->target_profiles, match->aggregation, profile.url());
  }
  if (match->profiles.empty()) return;
  if (match->profiles.size() == 1) {
    this->profile(element, match->profiles.front(), false);
  } else if (!conforms_any(element, match->profiles)) {
    report(Severity::error, IssueCode::structure, element, "type-profile",
           "conforms to none of the profiles that are allowed here", {}, {{}, profile.url(), {}});
  }
}

void Run::walk_values(const Element& element, const Node& node, const Profile& profile) {
  const ElementDefinition& definition = *node.definition;
  const Subject subject{{}, profile.url(), {}};
  if (node.fixed != nullptr && !equals_fixed(element, *node.fixed)) {
    report(Severity::error, IssueCode::value, element, "fixed",
           in_quotes(element.name()) + " is not the fixed value", {}, subject);
  }
  if (node.pattern != nullptr && !matches_pattern(element, *node.pattern)) {
    report(Severity::error, IssueCode::value, element, "pattern",
           in_quotes(element.name()) + " does not match the pattern", {}, subject);
  }
  if (definition.max_length > 0 && element.has_value()) {
    const std::string_view value = element.value();
    const auto letters = std::ranges::count_if(
        value, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    if (static_cast<std::uint64_t>(letters) > definition.max_length) {
      report(Severity::error, IssueCode::too_long, element, "max-length",
             "is longer than " + std::to_string(definition.max_length) + " characters", {},
             subject);
    }
  }
  for (const auto& [limit, lower] :
       {std::pair{&definition.min_value, true}, std::pair{&definition.max_value, false}}) {
    if (!*limit) continue;
    const auto bound = parse_value(*limit, types());
    if (bound == nullptr) continue;
    const auto order = compare_values(element, bound->root());
    if (order == (lower ? -1 : 1)) {
      report(Severity::error, IssueCode::value, element, lower ? "min-value" : "max-value",
             lower ? "is below the least value" : "is above the greatest value", {}, subject);
    }
  }
}

/// Asks without reporting.
bool Run::conforms(const Element& element, std::string_view canonical) {
  Issues aside{1};
  Issues* const outside = std::exchange(issues_, &aside);
  const bool known = profile(element, canonical, true);
  issues_ = outside;
  return known && aside.ok();
}

std::optional<bool> Run::conforms_to(const Element& resource, std::string_view canonical) {
  if (profiles_.find(canonical) == nullptr) return std::nullopt;
  return conforms(resource, canonical);
}

bool Run::conforms_any(const Element& element, std::span<const std::string_view> profiles) {
  return std::ranges::any_of(profiles, [&](std::string_view canonical) {
    return profiles_.find(canonical) == nullptr || conforms(element, canonical);
  });
}

}  // namespace cpis::fhir
